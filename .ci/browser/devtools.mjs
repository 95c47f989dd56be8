// A headless browser, driven over a pipe with the DevTools protocol. It needs
// neither a package nor a port.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Starts the browser that CHROMIUM names, or chromium. */
export async function start() {
  const profile = mkdtempSync(join(tmpdir(), 'browser-'));
  const child = spawn(process.env.CHROMIUM || 'chromium', [
    '--headless=new', '--no-sandbox', '--remote-debugging-pipe', `--user-data-dir=${profile}`, '--no-first-run', '--disable-gpu',
    '--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars', 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const waiting = new Map(), listeners = [];
  let last = 0, rest = '';
  child.stdio[4].setEncoding('utf8');
  child.stdio[4].on('data', (part) => {
    const messages = (rest + part).split('\0');
    rest = messages.pop();
    for (const text of messages) {
      const message = JSON.parse(text);
      if (message.id === undefined) {
        for (const listener of listeners) listener(message);
        continue;
      }
      const { resolve, reject, method } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) reject(new Error(`${method}: ${message.error.message}`));
      else resolve(message.result);
    }
  });
  child.on('error', (error) => waiting.forEach(({ reject }) => reject(error)));
  child.on('exit', () => waiting.forEach(({ reject }) => reject(new Error('the browser ended'))));
  const send = (method, params = {}, sessionId) => new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject, method });
    child.stdio[3].write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
  });
  return {
    send,
    listen: (listener) => listeners.push(listener),
    async stop() {
      const ended = new Promise((resolve) => { child.on('exit', resolve); });
      send('Browser.close').catch(() => {});
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(late);
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/**
 * Opens a page and records what must not happen on one: errors, warnings,
 * requests, dialogs.
 */
export async function open(browser, url, { width = 1280, height = 900, dark = false, scripts = true, scale = 1 } = {}) {
  const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const page = { send, complaints: [], requests: [], tasks: [] };
  let loaded;
  const whenLoaded = new Promise((resolve) => { loaded = resolve; });
  browser.listen(({ method, params, sessionId: from }) => {
    if (from !== sessionId) return;
    if (method === 'Page.loadEventFired') loaded();
    if (method === 'Network.requestWillBeSent') page.requests.push(params.request.url);
    if (method === 'Log.entryAdded') page.complaints.push(`${params.entry.source}: ${params.entry.text}`);
    if (method === 'Runtime.consoleAPICalled') page.complaints.push(`console: ${params.args.map((a) => a.value).join(' ')}`);
    if (method === 'Runtime.exceptionThrown') page.complaints.push(`exception: ${params.exceptionDetails.exception?.description ?? params.exceptionDetails.text}`);
    if (method === 'Audits.issueAdded') page.complaints.push(`issue: ${params.issue.code} ${JSON.stringify(params.issue.details).slice(0, 300)}`);
    if (method === 'Page.javascriptDialogOpening') {
      page.complaints.push(`dialog: ${params.message}`);
      send('Page.handleJavaScriptDialog', { accept: false });
    }
  });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'Audits']) await send(`${domain}.enable`);
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile: false });
  await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }, { name: 'prefers-reduced-motion', value: 'reduce' }] });
  await send('Emulation.setScriptExecutionDisabled', { value: !scripts });
  const begun = performance.now();
  await send('Page.navigate', { url });
  await whenLoaded;
  page.loaded = performance.now() - begun;

  /** Runs a function in the page, with arguments that JSON can carry. */
  page.run = async (f, ...args) => {
    const { result, exceptionDetails } = await send('Runtime.evaluate', {
      expression: `(${f})(...${JSON.stringify(args)})`, awaitPromise: true, returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  page.press = async (key, modifiers = 0) => {
    const code = { Tab: 9, Enter: 13, Escape: 27, ArrowDown: 40, ArrowUp: 38, Backspace: 8 }[key] ?? key.toUpperCase().charCodeAt(0);
    const text = { Enter: '\r' }[key] ?? (key.length === 1 ? key : undefined);
    await send('Input.dispatchKeyEvent', { type: 'keyDown', key, windowsVirtualKeyCode: code, text, modifiers });
    await send('Input.dispatchKeyEvent', { type: 'keyUp', key, windowsVirtualKeyCode: code, modifiers });
  };
  page.type = async (text) => { for (const key of text) await page.press(key); };
  page.screenshot = async (params = {}) => Buffer.from((await send('Page.captureScreenshot', { format: 'png', ...params })).data, 'base64');
  page.close = () => browser.send('Target.closeTarget', { targetId });
  return page;
}
