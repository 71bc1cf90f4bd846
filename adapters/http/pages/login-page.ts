import { type Html, html } from './html.ts';

/** `problem` says why the last try failed. */
export function loginPage(serverName: string, problem: string | null): Html {
  return html`<h1>${serverName}</h1>
<form method="post" action="/management/login">
<p><label for="apiKey">API key</label></p>
<p><input id="apiKey" name="apiKey" type="password" autocomplete="current-password" required autofocus size="48">
<button>Log in</button></p>
${problem === null ? html`` : html`<p class="problem" role="alert">${problem}</p>`}
</form>
<p>There is no user name, only the key that <code>p-cli cloud init</code> made; whoever typed that finds it again with
<code>cat ~/.plionky/remotes.json</code>.</p>
<p>No key any more? On the machine of the server <code>p-cli cloud stop</code>, then
<code>p-cli cloud keys rotate --dir &lt;folder&gt;</code> makes a new one.</p>`;
}

/** What a cloud shows that nobody has initialised. */
export function notInitializedPage(): Html {
  return html`<h1>Ploinky</h1>
<p>This cloud is not initialised yet. Run <code>p-cli cloud init</code> on the machine of the server.</p>`;
}
