// Makes a picture smaller: a page has few colours that matter, and a PNG with a
// palette takes a third of the space.
import { deflateSync, inflateSync } from 'node:zlib';

/** Reduces a PNG as the browser writes it: 8 bits per channel, not interlaced. */
export function reduce(png) {
  const { width, height, pixels } = read(png);
  const { palette, indices } = quantise(pixels);
  const rows = Buffer.alloc((width + 1) * height); // a 0 before each row: it is not filtered
  for (let y = 0; y < height; y++) rows.set(indices.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8); // 8 bits, with a palette
  return Buffer.concat([
    png.subarray(0, 8), chunk('IHDR', head), chunk('PLTE', Buffer.from(palette.flatMap((c) => [c >> 16, c >> 8 & 255, c & 255]))),
    chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Decodes the pixels of a PNG: https://www.w3.org/TR/png-3/#9Filters */
function read(png) {
  const parts = [];
  let width, height, step;
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at), name = png.toString('latin1', at + 4, at + 8), data = png.subarray(at + 8, at + 8 + length);
    if (name === 'IHDR') {
      [width, height, step] = [data.readUInt32BE(0), data.readUInt32BE(4), { 2: 3, 6: 4 }[data[9]]];
      if (data[8] !== 8 || !step || data[12]) throw new Error('not a PNG of 8 bits per channel');
    }
    if (name === 'IDAT') parts.push(data);
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(parts)), stride = width * step;
  const bytes = Buffer.alloc(stride * height), pixels = new Uint32Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++, to++) {
      const left = x < step ? 0 : bytes[to - step], up = y ? bytes[to - stride] : 0, corner = x < step || !y ? 0 : bytes[to - stride - step];
      bytes[to] = raw[to + y + 1] + [0, left, up, left + up >> 1, paeth(left, up, corner)][filter];
    }
  }
  for (let i = 0; i < pixels.length; i++) pixels[i] = bytes.readUIntBE(i * step, 3);
  return { width, height, pixels };
}

function paeth(left, up, corner) {
  const a = Math.abs(up - corner), b = Math.abs(left - corner), c = Math.abs(left + up - 2 * corner);
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Keeps the most frequent colours. Every other becomes a colour of the palette that is close to it, or is added to the palette. */
function quantise(pixels) {
  const counts = new Map();
  for (const c of pixels) counts.set(c, (counts.get(c) ?? 0) + 1);
  const frequent = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
  for (let far = 0; ; far += 2) {
    const palette = [], places = new Map();
    for (const c of frequent) {
      let at = -1, least = Infinity;
      palette.forEach((p, i) => { if (distance(p, c) < least) [at, least] = [i, distance(p, c)]; });
      if (palette.length < 32 || least > far) at = palette.push(c) - 1;
      places.set(c, at);
      if (palette.length > 256) break;
    }
    if (palette.length > 256) continue;
    return { palette, indices: Uint8Array.from(pixels, (c) => places.get(c)) };
  }
}

function distance(a, b) {
  return Math.hypot((a >> 16) - (b >> 16), (a >> 8 & 255) - (b >> 8 & 255), (a & 255) - (b & 255));
}

function chunk(name, data) {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(name, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc(out.subarray(4, -4)), out.length - 4);
  return out;
}

function crc(bytes) {
  let c = ~0;
  for (const b of bytes) {
    c ^= b;
    for (let i = 0; i < 8; i++) c = c >>> 1 ^ (c & 1 && 0xedb88320);
  }
  return ~c >>> 0;
}
