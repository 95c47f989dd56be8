// Takes pictures of the HTML report, and of the text report in a terminal.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { open, start } from './devtools.mjs';
import { reduce } from './palette.mjs';

const [, , folder, to] = process.argv;
const most = 150_000; // bytes per picture, so that the README opens quickly
const margin = 16;

// What each picture shows: from the top of one element to the bottom of another, where it may fade out.
const wide = { width: 1100, height: 900, scale: 1.4 }, wider = { width: 1300, height: 900, scale: 1.2 }, narrow = { width: 375, height: 812, scale: 2 };
const pictures = [
  { name: 'terminal', page: 'terminal', view: { ...wide, width: 900 }, from: 'body', until: 'body', fade: 72, into: '#16191d' },
  { name: 'report', page: 'report', view: { ...wide, scale: 1.3 }, from: 'body', until: '.worst li:last-child' },
  { name: 'map', page: 'report', view: wider, from: '#keys', until: '.legend' },
  { name: 'card', page: 'report', view: { ...wide, scale: 1.2 }, from: '.list', until: '.opened .findings', click: '.key button', fade: 96 },
  { name: 'phone', page: 'report', view: narrow, from: 'body', until: '.summary' },
];

writeFileSync(join(folder, 'terminal.html'), terminal(readFileSync(join(folder, 'report.ansi'), 'utf8')));
const browser = await start();
try {
  for (const picture of pictures) {
    const png = reduce(await take(picture));
    console.log(`${picture.name}.png: ${Math.round(png.length / 1000)} kB`);
    if (png.length > most) throw new Error(`${picture.name}.png is too large: show less`);
    writeFileSync(join(to, `${picture.name}.png`), png);
  }
} finally {
  await browser.stop();
}

async function take({ page: file, view, click, from, until, fade = 0, into = 'white' }) {
  const page = await open(browser, pathToFileURL(join(folder, `${file}.html`)).href, view);
  if (click) await page.run((selector) => document.querySelector(selector).click(), click);
  const clip = await page.run((from, until, margin, fade, into) => {
    const y = Math.max(0, document.querySelector(from).getBoundingClientRect().top + scrollY - margin);
    const bottom = document.querySelector(until).getBoundingClientRect().bottom + scrollY + margin;
    const veil = document.body.appendChild(document.createElement('div'));
    Object.assign(veil.style, {
      position: 'absolute', left: 0, right: 0, top: `${bottom - fade}px`, height: `${fade}px`, background: `linear-gradient(transparent, ${into})`,
    });
    return { x: 0, y, width: innerWidth, height: bottom - y, scale: 1 };
  }, from, until, margin, fade, into);
  const png = await page.screenshot({ clip, captureBeyondViewport: true });
  await page.close();
  return png;
}

/** The beginning of a text with terminal colours as a page. */
function terminal(text) {
  const body = text.split('\n').slice(0, 46).join('\n').replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)
    .replace(/\x1b\[([0-9;]*)m/g, (_, codes) => (codes === '0' ? '</span>' : `<span class="${codes.split(';').map((c) => `s${c}`).join(' ')}">`));
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: 20px 26px 6px; background: #16191d; color: #d5dae0; }
    pre { margin: 0; font: 14px/1.45 "DejaVu Sans Mono", "Liberation Mono", monospace; }
    .s1 { font-weight: 700; } .s2 { color: #8d97a3; } .s31 { color: #ff7b72; } .s32 { color: #6fcf8f; } .s33 { color: #e3b341; }
    .s35 { color: #c6a5f5; } .s36 { color: #72c7e0; } .s97 { color: #fff; } .s41 { background: #b3162b; } .prompt { color: #8d97a3; }
  </style><pre><span class="prompt">$</span> go run ./examples/keyaudit --demo

${body}</pre>`;
}
