// Checks that run inside a page. Each function is sent there as text, so it uses
// nothing outside itself, and returns a list of what is wrong.

/** Elements, attributes and URLs that the page's own template does not have. */
export function injected() {
  const wrong = [];
  for (const element of document.querySelectorAll('*')) {
    const own = element.tagName.toLowerCase();
    if (['img', 'iframe', 'object', 'embed', 'video', 'audio', 'base', 'math', 'foreignobject', 'marquee'].includes(own)) wrong.push(`<${own}>`);
    if (own === 'svg' && !element.matches('svg.bar, .trend svg')) wrong.push('<svg>');
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on') || name === 'style' && !element.matches('.map table')) wrong.push(`${own} ${name}`);
      if (name === 'href' && !/^(#|https:\/\/|data:,$)/.test(value)) wrong.push(`${own} href=${value.slice(0, 40)}`);
      if (!/^[a-z-]+$/i.test(name)) wrong.push(`${own} ${name.slice(0, 40)}`);
    }
  }
  if (document.scripts.length > 2) wrong.push(`${document.scripts.length} scripts`);
  if (document.querySelectorAll('style').length > 1) wrong.push('more than one style');
  return wrong;
}

/** What makes the page wider than the window. */
export function overflowing() {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const wide = Array.from(document.body.querySelectorAll('*')).filter((e) => e.getBoundingClientRect().right > clientWidth + 1 && !e.closest('.map, .scroll'));
  return [`${scrollWidth} > ${clientWidth}`, ...wide.slice(0, 5).map((e) => `${e.tagName}.${e.className}`)];
}

/** Texts with too little contrast to their background (WCAG 2.1, 1.4.3). */
export function contrasts() {
  const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number); return { rgb: [r, g, b], a }; };
  const over = (top, below) => top.rgb.map((c, i) => c * top.a + below[i] * (1 - top.a));
  const luminance = (rgb) => rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.push(parse(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const seen = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || !e.checkVisibility({ visibilityProperty: true }) || e.closest('script, style, noscript, :disabled, .skip, caption#map')) continue;
    const style = getComputedStyle(e), back = behind(e), front = over(parse(style.color), back);
    const [a, b] = [luminance(front), luminance(back)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) seen.set(`${e.tagName}.${e.className} ${style.color} on ${back.map(Math.round)}`, ratio.toFixed(2));
  }
  return Array.from(seen, ([what, ratio]) => `${what}: ${ratio}`);
}

/** Controls, tables and regions without a name for a screen reader. */
export function unnamed() {
  const wrong = [];
  const text = (e) => (e.getAttribute('aria-label') || e.labels?.[0]?.textContent || document.getElementById(e.getAttribute('aria-labelledby'))?.textContent || e.textContent || '').trim();
  for (const e of document.querySelectorAll('button, a[href], input, select, [role=region], [role=search], section, article')) {
    if (!e.closest('noscript') && !text(e)) wrong.push(`${e.tagName}.${e.className} has no name`);
  }
  for (const th of document.querySelectorAll('th')) if (!th.scope) wrong.push(`a heading without a scope: ${th.textContent.slice(0, 40)}`);
  for (const landmark of ['header', 'main', 'footer']) if (document.querySelectorAll(`body > ${landmark}`).length !== 1) wrong.push(`not one ${landmark}`);
  if (document.querySelectorAll('h1').length !== 1) wrong.push('not one h1');
  if (!document.documentElement.lang) wrong.push('no language');
  return wrong;
}
