// What the snippet says, and the guard around everything: no error of ours may reach the page.

const tag = document.currentScript || document.querySelector('script[data-key][src]');
const told = tag.dataset;
const address = tag.src.replace(/\.js(\?.*)?$/, '');

const guard = (work) => function (...words) {
  try {
    return work.apply(this, words);
  } catch {
    return undefined;
  }
};
const on = (target, name, work) => target.addEventListener(name, guard(work), true);
const later = (work, pause) => setTimeout(guard(work), pause);
const ready = (work) => (document.readyState === 'loading' ? on(document, 'DOMContentLoaded', work) : guard(work)());
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const listOf = (text) => (text || '').split(/[\s,;]+/).filter(Boolean);
const attribute = (element, name) => element.getAttribute(name) || '';

const MINUTE = 60_000;
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';
const newId = (kind) =>
  kind + [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => LETTERS[byte & 31]).join('');
