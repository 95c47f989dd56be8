// Takes pictures of the HTML report.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { open, start } from './devtools.mjs';

const [, , folder, to] = process.argv;
const report = pathToFileURL(join(folder, 'report.html')).href;
const browser = await start();

const top = () => scrollTo(0, 0);
const keys = () => document.getElementById('keys').scrollIntoView();
const card = () => {
  document.querySelector('.key button').click();
  document.querySelector('.list').scrollIntoView();
};

for (const [name, options, show] of [
  ['report', { height: 960 }, top],
  ['report-dark', { height: 960, dark: true }, top],
  ['map', { height: 820 }, keys],
  ['map-dark', { height: 820, dark: true }, keys],
  ['card', { height: 960 }, card],
  ['card-dark', { height: 960, dark: true }, card],
  ['phone', { width: 375, height: 812 }, top],
  ['phone-card', { width: 375, height: 812 }, card],
]) {
  const page = await open(browser, report, { ...options, scale: 2 });
  await page.run(show);
  writeFileSync(join(to, `html-${name}.png`), await page.screenshot());
  await page.close();
}
const page = await open(browser, report);
const { data } = await page.send('Page.printToPDF', { paperWidth: 8.27, paperHeight: 11.69 });
writeFileSync(join(to, 'html-print.pdf'), Buffer.from(data, 'base64'));
await browser.stop();
