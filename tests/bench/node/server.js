// Dynalite on 127.0.0.1 with its rows in a folder, and a way in that a library of a million fits through.
// Run as: node server.js (port) (folder). It says "listening", and then takes lines from standard input:
// {"table": name, "item": an item as DynamoDB's API has it} is put where dynalite itself would put it (the table
// must be there, and the item in none of its indexes); an empty line is answered by the number of items put so far.

"use strict";

const readline = require("node:readline");
const db = require("dynalite/db");
const dynalite = require("dynalite");

const AT_ONCE = 2000;

const [port, path] = process.argv.slice(2);
let store;
const create = db.create;
db.create = (options) => (store = create(options));
const server = dynalite({ path, createTableMs: 0 });

const keyOf = new Map(); // of each table, what makes an item's key
const waiting = new Map();
let put = 0;

function table(name) {
  return new Promise((resolve, reject) => {
    store.getTable(name, (error, found) => (error ? reject(error) : resolve(found)));
  });
}

function write(name, operations) {
  return new Promise((resolve, reject) => {
    store.getItemDb(name).batch(operations, (error) => (error ? reject(error) : resolve()));
  });
}

async function flush() {
  for (const [name, operations] of waiting) await write(name, operations);
  waiting.clear();
}

async function take() {
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (!line) {
      await flush();
      console.log(put);
      continue;
    }
    const { table: name, item } = JSON.parse(line);
    if (!keyOf.has(name)) keyOf.set(name, await table(name));
    if (!waiting.has(name)) waiting.set(name, []);
    waiting.get(name).push({ type: "put", key: db.createKey(item, keyOf.get(name)), value: item });
    put += 1;
    if (waiting.get(name).length === AT_ONCE) await flush();
  }
  process.exit(); // whoever started it is gone
}

server.listen(Number(port), "127.0.0.1", () => {
  console.log("listening");
  take();
});
