// Dynalite on 127.0.0.1 with its rows in a folder, and a fast way to insert a library of a million images.
// Run as: node server.js (port) (folder). It prints "listening" and then reads lines from standard input:
// {"table": name, "item": an item of DynamoDB's API} inserts an item where Dynalite itself would store it. The table
// must exist, and the item must be in none of its indexes. An empty line prints the number of items inserted so far.

"use strict";

const readline = require("node:readline");
const db = require("dynalite/db");
const dynalite = require("dynalite");

const BATCH_SIZE = 2000;

const [port, path] = process.argv.slice(2);
let store;
const create = db.create;
db.create = (options) => (store = create(options));
const server = dynalite({ path, createTableMs: 0 });

const tables = new Map(); // by name: the descriptions, which define the items' keys
const batches = new Map(); // by table: operations that are not written yet
let inserted = 0;

function getTable(name) {
  return new Promise((resolve, reject) => {
    store.getTable(name, (error, table) => (error ? reject(error) : resolve(table)));
  });
}

function write(name, operations) {
  return new Promise((resolve, reject) => {
    store.getItemDb(name).batch(operations, (error) => (error ? reject(error) : resolve()));
  });
}

async function flush() {
  for (const [name, operations] of batches) await write(name, operations);
  batches.clear();
}

async function readLines() {
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (!line) {
      await flush();
      console.log(inserted);
      continue;
    }
    const { table: name, item } = JSON.parse(line);
    if (!tables.has(name)) tables.set(name, await getTable(name));
    if (!batches.has(name)) batches.set(name, []);
    batches.get(name).push({ type: "put", key: db.createKey(item, tables.get(name)), value: item });
    inserted += 1;
    if (batches.get(name).length === BATCH_SIZE) await flush();
  }
  process.exit(); // the parent process has ended
}

server.listen(Number(port), "127.0.0.1", () => {
  console.log("listening");
  readLines();
});
