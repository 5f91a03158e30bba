import { broadcastResponseToMainFrame } from '@azure/msal-browser/redirect-bridge';
import { createEntraSignIn } from './entra-sign-in.ts';
import { startConsole } from './start-console.ts';

// Entra sends its popup back to this page: that window only hands the answer to the page that opened it.
if (/[#&]state=/.test(location.hash)) {
  document.body.textContent = 'Signed in: this window can be closed.';
  await broadcastResponseToMainFrame();
} else {
  startConsole(createEntraSignIn);
}
