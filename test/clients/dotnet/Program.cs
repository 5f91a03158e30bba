// Each line that it prints is one client and what it did; the last is "done". A client that fails throws.
using System.Net;
using System.Net.Http.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Messaging;
using Azure.Messaging.EventGrid;
using Microsoft.OpenApi.Readers;

string Read(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException(name);
var (proxy, key) = (Read("PROXY"), Read("FUNCTION_KEY"));
var (projectId, iterationId) = (Guid.Parse(Read("PROJECT")), Guid.Parse(Read("ITERATION")));
var startedAt = DateTimeOffset.UtcNow.AddMinutes(-1);

void Expect<T>(string client, T actual, T expected)
{
    if (!Equals(actual, expected)) throw new InvalidOperationException($"{client}: {actual} instead of {expected}");
    Console.WriteLine($"{client}: {actual}");
}

using var http = new HttpClient { BaseAddress = new Uri(proxy) };
http.DefaultRequestHeaders.Add("x-functions-key", key);
var path = $"/customvision/v3.3/training/projects/{projectId}/iterations/{iterationId}";

Expect("PatchAsJsonAsync", (await http.PatchAsJsonAsync(path, new { name = "chunked" })).StatusCode, HttpStatusCode.LengthRequired);
using (var content = JsonContent.Create(new { Name = "buffered" }))
{
    await content.LoadIntoBufferAsync();
    Expect("PatchAsync with a length", (await http.PatchAsync(path, content)).StatusCode, HttpStatusCode.OK);
}

var nswag = new Generated.ProxyClient(http);
var project = (await nswag.GetProjectsAsync("v3.3", null)).Single(each => each.Id == projectId);
var iterations = await nswag.GetIterationsAsync("v3.3", project.Id, null);
Expect("NSwag's look-ups", iterations.Single(each => each.Name == "buffered").Id, iterationId);
var renamed = await nswag.RenameIterationAsync("v3.3", projectId, iterationId, null, null, new Generated.IterationUpdate { Name = "by NSwag" });
Expect("NSwag", renamed.Name, "by NSwag");
try
{
    await nswag.RenameIterationAsync("v3.3", projectId, iterationId, null, null, new Generated.IterationUpdate { Name = " " });
    throw new InvalidOperationException("NSwag: a blank name was taken");
}
catch (Generated.ApiException<Generated.CustomVisionError> refused)
{
    Expect("NSwag's error", refused.Result.Code, "BadRequestIterationName");
}

foreach (var version in new[] { "3.0", "2.0" })
{
    await using var description = await http.GetStreamAsync($"/openapi.json?version={version}");
    var read = await new OpenApiStreamReader().ReadAsync(description);
    var problems = string.Join("; ", read.OpenApiDiagnostic.Errors.Concat(read.OpenApiDiagnostic.Warnings));
    Expect($"Microsoft.OpenApi.Readers of {version}", problems, "");
}

var publisher = new EventGridPublisherClient(new Uri($"{proxy}/webhooks/events"), new AzureKeyCredential(key), WithKey(key));
var data = new { projectId, iterationId, name = "by Event Grid" };
try
{
    Expect("EventGridPublisherClient", (await publisher.SendEventAsync(new CloudEvent("/registry", "promoted", data))).Status, 202);
}
catch (RequestFailedException accepted)
{
    // It publishes to topics, which answer 200: it takes any other success for a failure. The rename is accepted all the same.
    Expect("EventGridPublisherClient", accepted.Status, 202);
}

var table = new TableClient(Read("TABLES"), "renames");
var sinceStart = TableClient.CreateQueryFilter($"PartitionKey eq {projectId.ToString()} and requestedAt ge {startedAt} and status eq {"succeeded"}");
var found = 0;
for (var look = 0; look < 50 && found != 3; look += 1)
{
    found = 0;
    await Task.Delay(TimeSpan.FromMilliseconds(200)); // the accepted rename waits in its queue
    await foreach (var row in table.QueryAsync<TableEntity>(sinceStart))
    {
        if (row.GetDateTimeOffset("completedAt") is null || row.GetInt64("durationMs") is null) throw new InvalidOperationException("a record without times");
        found += 1;
    }
}
Expect("Azure.Data.Tables, records by date and status", found, 3);
Console.WriteLine("done");

static EventGridPublisherClientOptions WithKey(string key)
{
    var options = new EventGridPublisherClientOptions();
    options.AddPolicy(new FunctionKey(key), Azure.Core.HttpPipelinePosition.PerCall);
    return options;
}

/// <summary>The publisher sends its own key header; the app asks for another.</summary>
sealed class FunctionKey(string key) : Azure.Core.Pipeline.HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(Azure.Core.HttpMessage message) => message.Request.Headers.SetValue("x-functions-key", key);
}
