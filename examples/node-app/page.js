/** All addresses in it are relative, so that it works below whatever path it is deployed at. */
exports.page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>node-app</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }</style>
<h1>node-app</h1>
<form method="post" action="hello">
  <label>Your name <input name="name"></label> <button>Greet me</button>
</form>
<p>The time, as the server tells it: <output id="time">…</output></p>
<script>
  const ticks = new EventSource('ticks?count=1000');
  ticks.onmessage = ({ data }) => { document.getElementById('time').textContent = data; };
</script>
</html>
`;
