// Checks the HTML report in a real browser: it shows what the report says, can be
// used with the keyboard, on paper, on a phone and in dark mode, makes no request,
// and shows every text of a report as text.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { open, start } from './devtools.mjs';
import { contrasts, injected, overflowing, unnamed } from './inspect.mjs';

const [, , folder] = process.argv;
const url = (name, hash = '') => pathToFileURL(`${folder}/${name}.html`).href + hash;
const expected = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8'));
const browser = await start();
const figures = [];
let failed = 0;

/** Opens a page, uses it, and checks what every page is checked for. */
async function check(title, name, options, use) {
  try {
    const page = await open(browser, url(name, options.hash), options);
    await use(page, expected[name]);
    assert.deepEqual(page.complaints, [], 'the browser complains');
    assert.deepEqual(page.requests.filter((to) => to !== url(name)), [], 'the page makes a request');
    await page.close();
    console.log(`ok  ${title}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${title}\n${error.stack}`);
  }
}

const count = () => document.getElementById('count').textContent;
const settled = () => new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); });
const set = (name, value) => {
  const field = document.forms.filter.elements[name];
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  return document.getElementById('count').textContent;
};
const next = () => {
  const button = document.querySelector('[data-go="1"]'), more = !button.disabled;
  button.click();
  return more;
};
const openAll = () => {
  for (const button of document.querySelectorAll('.key button[aria-expanded=false]')) button.click();
  for (const details of document.querySelectorAll('details')) details.open = true;
};
const shown = (n, of) => new RegExp(`^${n === of ? of : `${n} of ${of}`} keys`);

// First: the checks themselves can fail.
const csp = /<meta http-equiv[^>]*>/.exec(readFileSync(`${folder}/report.html`, 'utf8'))[0];
writeFileSync(`${folder}/control.html`, `<!doctype html><html lang="en">${csp}<title>x</title><img src="https://elsewhere.test/x.png" alt="">
<p id="p" onclick="evil()" >a</p><button></button><div>${'W'.repeat(999)}</div>`);
try {
  const page = await open(browser, url('control'));
  assert.ok(page.complaints.length >= 1, 'a breach of the policy goes unseen');
  assert.ok((await page.run(injected)).length >= 2, 'foreign mark-up goes unseen');
  assert.ok((await page.run(overflowing)).length >= 1, 'overflow goes unseen');
  assert.ok((await page.run(unnamed)).length >= 1, 'a control without a name goes unseen');
  await page.run(() => { document.getElementById('p').style.cssText = 'color: #888; background: #999'; });
  assert.ok((await page.run(contrasts)).length >= 1, 'poor contrast goes unseen');
  await page.close();
  console.log('ok  the checks can fail');
} catch (error) {
  failed++;
  console.log(`FAILED  the checks can fail\n${error.stack}`);
}

await check('shows what the report says', 'report', {}, async (page, want) => {
  assert.match(await page.run(count), shown(want.Keys, want.Keys));
  const tiles = await page.run(() => Array.from(document.querySelectorAll('.tiles b'), (b) => Number(b.textContent)));
  assert.equal(tiles.reduce((a, b) => a + b), want.Keys, 'the figures on top are all keys');
  for (const [i, name] of ['exposed', 'unknown', 'missed', 'none'].entries()) {
    assert.match(await page.run(set, 'show', name), shown(tiles[i], want.Keys), name);
  }
  await page.run(set, 'show', '');
  const names = [];
  for (let more = true; more; more = await page.run(next)) {
    names.push(...await page.run(() => Array.from(document.querySelectorAll('.key bdi'), (b) => b.textContent)));
    const map = await page.run(() => Array.from(document.querySelectorAll('.map tbody th'), (th) => th.textContent));
    assert.deepEqual(map, names.slice(-map.length), 'map and list show the same keys');
  }
  assert.deepEqual(names.sort(), want.Names.sort());
  await page.run(set, 'show', 'failed');
  assert.match(await page.run(count), shown(want.Failed, want.Keys));
  await page.run(set, 'rule', 'withdrawal');
  assert.match(await page.run(count), shown(want.Withdraw, want.Keys));
  assert.equal(await page.run(() => document.querySelectorAll('[name=exchange] option').length), want.Exchanges + 1);
});

await check('can be used with the keyboard', 'report', {}, async (page, want) => {
  await page.press('/');
  assert.equal(await page.run(() => document.activeElement.name), 'q');
  const outline = () => getComputedStyle(document.activeElement).outlineStyle;
  assert.notEqual(await page.run(outline), 'none', 'focus is visible');
  await page.type(want.Names[0].slice(0, -1));
  await page.type(want.Names[0].slice(-1));
  await page.run(settled);
  assert.notEqual(await page.run(count), `${want.Keys} keys`);
  assert.ok((await page.run(() => document.querySelector('.key').textContent)).includes(want.Names[0]));
  for (let i = 0; i < 80 && !await page.run(() => document.activeElement.matches('.key button')); i++) await page.press('Tab');
  assert.notEqual(await page.run(outline), 'none', 'focus is visible on a key');
  await page.press('Enter');
  assert.ok(await page.run(() => document.querySelector('.opened article').getBoundingClientRect().height > 100), 'the card is open');
  assert.equal(await page.run(() => document.activeElement.getAttribute('aria-expanded')), 'true');
  await page.press('Enter');
  assert.equal(await page.run(() => document.querySelector('.opened')), null, 'the card is closed');
  await page.run(() => document.querySelector('[data-sort=n]').focus());
  await page.run(set, 'q', '');
  await page.press('Enter');
  const first = await page.run(() => document.querySelector('.key bdi').textContent);
  assert.equal(first, [...want.Names].sort()[0]);
  await page.press('Enter');
  assert.equal(await page.run(() => document.querySelector('[data-sort=n]').closest('th').getAttribute('aria-sort')), 'descending');
  assert.equal(await page.run(() => document.querySelector('.key bdi').textContent), [...want.Names].sort().at(-1));
});

await check('keeps the filter in the URL', 'report', { hash: '#q=bybit&show=failed&sort=n' }, async (page) => {
  const before = await page.run(count);
  assert.match(before, / of /);
  assert.equal(await page.run(() => document.forms.filter.elements.show.value), 'failed');
  await page.run(set, 'show', '');
  await page.run(() => new Promise((done) => { setTimeout(done, 400); }));
  assert.equal(await page.run(() => location.hash), '#q=bybit&sort=n');
  const [id, name] = await page.run(() => {
    const a = document.querySelectorAll('.map tbody a')[2];
    a.focus();
    return [a.hash.slice(1), a.textContent];
  });
  await page.press('Enter');
  await page.run(settled);
  assert.equal(await page.run(() => document.activeElement.closest('tr').id), id, 'a link to a key leads to it');
  assert.equal(await page.run(() => document.querySelector('.opened article').getAttribute('aria-label')), name, 'and opens its card');
});

for (const [title, options] of [['in light mode', {}], ['in dark mode', { dark: true }], ['on a phone', { width: 375, height: 800 }], ['in dark mode on a phone', { width: 375, height: 800, dark: true }]]) {
  for (const name of ['report', 'hostile']) {
    await check(`${name}: can be read ${title}`, name, options, async (page) => {
      const light = await page.run(() => Number(getComputedStyle(document.documentElement).backgroundColor.match(/\d+/)[0]));
      assert.equal(light < 64, Boolean(options.dark));
      assert.deepEqual(await page.run(overflowing), []);
      await page.run(openAll);
      assert.deepEqual(await page.run(overflowing), []);
      assert.deepEqual(await page.run(contrasts), []);
      assert.deepEqual(await page.run(unnamed), []);
    });
  }
}

for (const scripts of [true, false]) {
  await check(`hostile texts stay texts, with scripts ${scripts ? 'on' : 'off'}`, 'hostile', { scripts }, async (page, want) => {
    await page.run(openAll);
    assert.deepEqual(await page.run(injected), []);
    assert.equal(await page.run(() => document.querySelectorAll('article').length), want.Keys);
    const text = await page.run(() => document.querySelector('article').textContent);
    assert.ok(text.includes("<script>evil('s')</script><img src=x onerror=evil('i')>"), 'the text is shown as it is');
    assert.equal(/[\u0000-\u0008\u200b-\u200f\u202a-\u202e\u2066-\u2069]/.test(await page.run(() => document.body.textContent)), false);
  });
}

await check('can be read without scripts', 'report', { scripts: false, width: 375 }, async (page, want) => {
  const names = await page.run(() => Array.from(document.querySelectorAll('details > summary > bdi'), (b) => b.textContent));
  assert.deepEqual(names.sort(), want.Names.sort());
  assert.equal(await page.run(() => document.getElementById('explore').checkVisibility()), false, 'no controls that do nothing');
  await page.run(openAll);
  assert.deepEqual(await page.run(overflowing), []);
  assert.deepEqual(await page.run(contrasts), []);
});

await check('prints every card open and no controls', 'report', {}, async (page, want) => {
  await page.run(set, 'rule', 'withdrawal');
  const filtered = Number(/^\d+/.exec(await page.run(count))[0]);
  await page.run(() => {
    addEventListener('beforeprint', () => { globalThis.printed = Array.from(document.querySelectorAll('#print > details'), (d) => d.open); });
  });
  const { data } = await page.send('Page.printToPDF', {});
  const pages = Buffer.from(data, 'base64').toString('latin1').match(/\/Type\s*\/Page\b/g).length;
  assert.deepEqual(await page.run(() => globalThis.printed), Array(filtered).fill(true));
  assert.ok(pages >= filtered / 4, `${pages} pages for ${filtered} of ${want.Keys} keys`);
  assert.equal(await page.run(() => document.getElementById('print').childElementCount), 0, 'and tidies up');
  await page.send('Emulation.setEmulatedMedia', { media: 'print' });
  assert.equal(await page.run(() => ['#filter', '.pager', '.skip', '.list'].filter((s) => document.querySelector(s).checkVisibility()).join()), '');
  figures.push(`${pages} printed pages for ${filtered} keys`);
});

await check('nothing to show', 'empty', {}, async (page) => {
  assert.equal(await page.run(count), '0 keys');
  assert.deepEqual(await page.run(unnamed), []);
  assert.deepEqual(await page.run(overflowing), []);
});

await check('ten thousand keys', 'fleet', {}, async (page, want) => {
  await page.run(() => {
    globalThis.tasks = [0];
    new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: 'longtask' });
  });
  assert.match(await page.run(count), shown(want.Keys, want.Keys));
  await page.press('/');
  let worst = 0;
  for (const key of 'withdrawal bybit') {
    const begun = performance.now();
    await page.press(key);
    await page.run(settled);
    worst = Math.max(worst, performance.now() - begun);
  }
  const bybit = await page.run(count);
  assert.match(bybit, /^\d+ of 10000 keys/);
  await page.run(set, 'q', '');
  await page.run(set, 'rule', 'withdrawal');
  assert.match(await page.run(set, 'show', 'failed'), shown(want.Withdraw, want.Keys));
  await page.run(set, 'rule', '');
  assert.match(await page.run(count), shown(want.Failed, want.Keys));
  await page.run(() => document.querySelector('.key button').click());
  const card = await page.run(() => document.querySelector('.opened article').textContent);
  assert.doesNotMatch(card, /undefined|null/);
  assert.equal(await page.run(() => document.querySelectorAll('.opened a[href^="#a"]').length), 0, 'shared answers are in the card');
  assert.ok(await page.run(() => document.querySelectorAll('.opened .findings li').length > 0));
  figures.push(`10,000 keys: opened in ${Math.round(page.loaded)} ms, a key stroke in ${Math.round(worst)} ms at most, longest task ${Math.round(Math.max(...await page.run(() => globalThis.tasks)))} ms`);
});

await browser.stop();
for (const figure of figures) console.log(`    ${figure}`);
console.log(failed ? `${failed} checks failed` : 'the HTML report passed in a real browser');
process.exit(failed ? 1 : 0);
