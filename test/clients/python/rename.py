"""Finds an iteration by names and renames it, by the official Python SDK. Prints one line for each step; the last is "done". A step that fails raises."""

import os

from azure.cognitiveservices.vision.customvision.training import CustomVisionTrainingClient
from azure.cognitiveservices.vision.customvision.training.models import CustomVisionErrorException
from msrest.authentication import ApiKeyCredentials

PROXY, KEY, PROJECT, ITERATION = (os.environ[name] for name in ("PROXY", "CALLER_KEY", "PROJECT", "ITERATION"))


def client(key):
    return CustomVisionTrainingClient(PROXY, ApiKeyCredentials(in_headers={"Training-key": key}))


def expect_refusal(step, code, call):
    try:
        call()
    except CustomVisionErrorException as refused:
        if refused.error.code != code:
            raise AssertionError(f"{step}: {refused.error.code} instead of {code}") from refused
        print(f"{step}: {code}, {refused.error.message}")
    else:
        raise AssertionError(f"{step} was not refused")


def rename(name, key=KEY, **headers):
    custom = {"custom_headers": headers} if headers else {}
    return client(key).update_iteration(PROJECT, ITERATION, name=name, **custom)


training = client(KEY)
project = next(each for each in training.get_projects() if str(each.id) == PROJECT)
found = next(each for each in training.get_iterations(project.id) if each.name == "Iteration 1")
if str(found.id) != ITERATION or training.get_iteration(project.id, found.id).name != found.name:
    raise AssertionError(f"found {found.id}")
print(f"get_projects, get_iterations: {project.name}, {found.name}; {training.get_project(project.id).status}")

NAME = "v4.1 検査 line-3"
for _ in range(2):  # the second meets a name that is there already
    iteration = rename(NAME)
    if iteration.name != NAME or str(iteration.id) != ITERATION:
        raise AssertionError(f"renamed to {iteration.name}")
print(f"update_iteration: {iteration.name}, {iteration.status}")

first = {"Idempotency-Key": '"release-42"'}
rename("v4.2", **first)
expect_refusal("a key used again", "Conflict", lambda: rename("v4.3", **first))
expect_refusal("a wrong key", "Unauthorized", lambda: rename("v4.4", key=f"{KEY}x"))
expect_refusal("a name with a blank before it", "BadRequestIterationName", lambda: rename(" v4.5"))
expect_refusal("an operation that is not served", "NotFound", lambda: client(KEY).get_domains())
print("done")
