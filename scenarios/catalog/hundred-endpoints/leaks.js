'use strict';

// The leaks that the environment plants: LEAK=NAME,... and LEAK_PAIR=NAME,NAME.

const crypto = require('node:crypto');

const names = (text) => (text ? text.split(',') : []);

const leaking = new Set(names(process.env.LEAK));
const [giver, taker] = names(process.env.LEAK_PAIR);

const kept = []; // for ever
const offers = []; // of the pair's first endpoint, for its second
const mostOffers = 100;

// entry is a string of 176 letters: with its header and its place in a list, 200 bytes.
const entry = () => crypto.randomBytes(88).toString('hex');

// served is called for each request that the endpoint has answered.
function served(name) {
  if (leaking.has(name)) kept.push(entry());
  if (name === giver && offers.length < mostOffers) offers.push(entry());
  if (name === taker && offers.length > 0) kept.push(offers.pop());
}

// check fails on a name that is none of the known ones.
function check(known) {
  for (const name of [...leaking, giver, taker]) {
    if (name && !known.has(name)) throw new Error(`no endpoint is named ${name}`);
  }
}

module.exports = { served, check };
