// Filters, sorts and pages the keys, and builds cards on demand. Text goes into the page as text; the only mark-up
// that is parsed is that of the cards, which the writer of the page has escaped.
'use strict';
(() => {
  const PAGE = 50, PRINTED = 200, OPEN = /[CHMLIchmliw]/;
  const $ = (id) => document.getElementById(id);
  const { keys, rules, titles } = JSON.parse($('index').textContent);
  const cards = document.querySelectorAll('noscript.card'), answers = document.querySelectorAll('noscript.answer');
  const form = $('filter'), count = $('count');
  const list = document.querySelector('.list'), rows = list.tBodies[0], map = document.querySelector('.map tbody');
  const sorters = Array.from(list.tHead.querySelectorAll('[data-sort]'));
  const signs = { p: '·', n: '–', w: '~', x: '!', c: '?', h: '?', m: '?', l: '?', i: '?' };
  const severities = { C: 'critical', H: 'high', M: 'medium', L: 'low', I: 'info' };
  const words = { p: 'passed', a: 'attested by the owner', n: 'not applicable', w: 'waived', ' ': 'no answer' };
  for (const [letter, word] of Object.entries(severities)) {
    words[letter] = `failed, ${word}`;
    words[letter.toLowerCase()] = `unknown, would be ${word}`;
  }

  keys.forEach((key, id) => {
    key.id = id;
    const failing = rules.filter((_, i) => OPEN.test(key.c[i]));
    key.text = [key.n, key.p, key.k, key.l, key.u, key.o, key.w, ...failing].join('\n').toLowerCase();
  });

  // What the filter "show" selects, by the answers that count and the key.
  const shows = {
    failed: (cells) => /[CHMLI]/.test(cells),
    open: (cells) => /[chmli]/.test(cells),
    waived: (cells) => cells.includes('w'),
    clean: (_, key) => key.w === 'clean',
    changed: (_, key) => key.d,
  };
  for (const name of ['exposed', 'unknown', 'missed', 'none']) shows[name] = (_, key) => key.x === name;

  let found = keys, sort = '', down = false, page = 0;
  const opened = new Set();

  const element = (tag, style, text) => {
    const e = document.createElement(tag);
    if (style) e.className = style;
    if (text !== undefined) e.textContent = text;
    return e;
  };
  const sign = (tag, cell) => element(tag, `x x-${cell}`, signs[cell] ?? cell);

  function filter() {
    const { q, show, severity, exchange, rule } = Object.fromEntries(new FormData(form));
    const needles = q.toLowerCase().split(/\s+/).filter(Boolean), column = rule ? rules.indexOf(rule) : -1;
    found = keys.filter((key) => {
      const cells = rule ? key.c[column] ?? '' : key.c;
      return (!rule || OPEN.test(cells)) && (!exchange || key.v === exchange) && (!show || shows[show]?.(cells, key)) &&
        (!severity || cells.includes(severity) || cells.includes(severity.toLowerCase())) &&
        needles.every((n) => key.text.includes(n));
    });
    if (sort || down) {
      const value = (key) => (typeof key[sort] === 'number' ? key[sort] : String(key[sort] ?? '').toLowerCase());
      const order = (a, b) => (a < b ? -1 : Number(a > b));
      found.sort((a, b) => (sort ? order(value(a), value(b)) || a.id - b.id : a.id - b.id) * (down ? -1 : 1));
    }
  }

  function draw() {
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    const some = found.slice(page * PAGE, (page + 1) * PAGE);
    const of = found.length === keys.length ? `${keys.length} keys` : `${found.length} of ${keys.length} keys`;
    count.textContent = pages > 1 ? `${of}, ${page * PAGE + 1} to ${page * PAGE + some.length} shown` : of;
    for (const pager of document.querySelectorAll('.pager')) pager.classList.toggle('single', pages === 1);
    for (const button of document.querySelectorAll('[data-go]')) {
      const to = page + Number(button.dataset.go);
      button.disabled = to < 0 || to >= pages;
    }
    for (const button of sorters) {
      const th = button.closest('th');
      if (button.dataset.sort === sort) th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      else th.removeAttribute('aria-sort');
    }
    map.replaceChildren(...some.map(mapRow));
    rows.replaceChildren(...some.flatMap(listRows));
  }

  function mapRow(key) {
    const tr = element('tr'), th = element('th'), a = element('a', '', key.n);
    th.scope = 'row';
    a.href = `#k${key.id}`;
    th.append(a);
    const answer = (cell) => (cell === ' ' ? element('td') : element('td', `x-${cell}`, signs[cell] ?? cell));
    tr.append(th, ...Array.from(key.c, answer));
    return tr;
  }

  function listRows(key) {
    const tr = element('tr', 'key'), status = element('td'), th = element('th'), button = element('button');
    tr.id = `k${key.id}`;
    th.scope = 'row';
    button.type = 'button';
    button.append(element('bdi', '', key.n));
    button.setAttribute('aria-expanded', 'false');
    status.append(sign('i', key.m), ` ${key.w}`);
    th.append(button, element('small', '', [key.k, key.l].filter(Boolean).join(' · ')));
    const cell = (label, text, style) => {
      const td = element('td', style, text);
      if (label) td.dataset.label = label;
      return td;
    };
    tr.append(status, th, cell('', key.h), cell('', key.p), cell('for', key.u), cell('owner', key.o ?? ''),
      key.a < 0 ? cell('age', 'unknown', 'number unknown') : cell('age in days', key.a, 'number'));
    return opened.has(key.id) ? [tr, openRow(tr, key)] : [tr];
  }

  function parse(source) {
    const template = document.createElement('template');
    template.innerHTML = source.textContent;
    return template.content.firstElementChild;
  }

  // A card points at the answers that it shares with many others; they replace the pointers.
  function card(key) {
    const details = parse(cards[key.id]);
    for (const a of details.querySelectorAll('a[href^="#a"]')) {
      a.closest('li').replaceWith(parse(answers[a.hash.slice(2) - 1]).firstElementChild);
    }
    return details;
  }

  function openRow(tr, key) {
    const below = element('tr', 'opened'), td = element('td');
    td.colSpan = 7;
    td.append(card(key).querySelector('article'));
    below.append(td);
    below.id = `c${key.id}`;
    const button = tr.querySelector('button');
    button.setAttribute('aria-expanded', 'true');
    button.setAttribute('aria-controls', below.id);
    return below;
  }

  function toggle(tr) {
    const key = keys[Number(tr.id.slice(1))];
    if (opened.delete(key.id)) {
      tr.nextElementSibling.remove();
      tr.querySelector('button').setAttribute('aria-expanded', 'false');
      return;
    }
    opened.add(key.id);
    tr.after(openRow(tr, key));
  }

  // The URL keeps the filter, so that it can be shared; "#k12" names a key.
  let saving;
  function save() {
    clearTimeout(saving);
    saving = setTimeout(() => {
      const state = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
      if (sort) state.set('sort', sort);
      if (down) state.set('down', '1');
      if (page) state.set('page', page + 1);
      history.replaceState(null, '', `#${state}`);
    }, 200);
  }

  function restore(state) {
    for (const field of form.elements) if (field.name) field.value = state.get(field.name) ?? '';
    for (const field of form.querySelectorAll('select')) if (field.selectedIndex < 0) field.value = '';
    sort = sorters.some((button) => button.dataset.sort === state.get('sort')) ? state.get('sort') : '';
    down = state.has('down');
    page = (parseInt(state.get('page'), 10) || 1) - 1;
    filter();
  }

  // Opens a key's card, and clears the filter if it excludes the key.
  function show(key) {
    if (!found.includes(key)) restore(new URLSearchParams());
    page = Math.floor(found.indexOf(key) / PAGE);
    opened.add(key.id);
    draw();
    const tr = $(`k${key.id}`);
    tr.scrollIntoView();
    tr.querySelector('button').focus({ preventScroll: true });
  }

  function load() {
    const [, named] = /^#k(\d+)$/.exec(location.hash) ?? [];
    if (keys[named]) {
      show(keys[named]);
    } else if (location.hash.includes('=') || location.hash === '') {
      restore(new URLSearchParams(location.hash.slice(1)));
      draw();
      if (location.hash) $('keys').scrollIntoView();
    }
  }

  function change() {
    page = 0;
    filter();
    draw();
    save();
  }

  form.addEventListener('input', change);
  form.addEventListener('reset', () => setTimeout(change));
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', load);

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-go], [data-sort]'), tr = event.target.closest('tr.key');
    if (button?.dataset.go) {
      page += Number(button.dataset.go);
      draw();
      save();
      $('keys').scrollIntoView();
    } else if (button) {
      down = button.dataset.sort === sort && !down;
      sort = button.dataset.sort;
      change();
    } else if (event.target.closest('a[href^="#"]')?.hash === location.hash) {
      load(); // the URL doesn't change, so there is no hashchange event
    } else if (tr && getSelection().isCollapsed) {
      toggle(tr);
    }
  });

  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !event.target.closest('input, select, textarea')) {
      event.preventDefault();
      form.elements.q.focus();
    }
  });

  // A cell gets its meaning as a tooltip when it is pointed at.
  map.addEventListener('pointerover', (event) => {
    const td = event.target.closest('td');
    if (!td || td.title) return;
    const i = td.cellIndex - 1, key = keys[Number(td.parentElement.querySelector('a').hash.slice(2))];
    td.title = `${titles[i]}: ${words[key.c[i]]}`;
  });

  // In print, every card that the filter selects is open.
  addEventListener('beforeprint', () => {
    const some = found.slice(0, PRINTED).map(card);
    for (const details of some) details.open = true;
    const rest = found.length - some.length;
    const omitted = rest > 0 ? `${rest} more keys are not printed: narrow the filter to print them.` : '';
    $('print').replaceChildren(...some, element('p', '', omitted));
  });
  addEventListener('afterprint', () => $('print').replaceChildren());

  map.parentElement.style.minWidth = `${rules.length * 1.45 + document.querySelectorAll('.narrow').length * 6 + 9}rem`;
  $('explore').hidden = false;
  restore(new URLSearchParams());
  draw();
  if (location.hash) load();
})();
