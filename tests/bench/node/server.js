// Dynalite on 127.0.0.1 with its rows in a folder, and a fast way to insert a library of a million images.
// Run as: node server.js (port) (folder). It prints "listening" and then reads lines from standard input:
// {"table": name, "item": an item of DynamoDB's API} inserts a new item and its index entries where Dynalite itself would
// store them. The table must exist. An empty line prints the number of items inserted so far.

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
const batches = new Map(); // by part of the store: operations that are not written yet
let inserted = 0;

function getTable(name) {
  return new Promise((resolve, reject) => {
    store.getTable(name, (error, table) => (error ? reject(error) : resolve(table)));
  });
}

function write(part, operations) {
  return new Promise((resolve, reject) => {
    part.batch(operations, (error) => (error ? reject(error) : resolve()));
  });
}

async function flush() {
  for (const [part, operations] of batches) await write(part, operations);
  batches.clear();
}

function put(part, key, value) {
  if (!batches.has(part)) batches.set(part, []);
  batches.get(part).push({ type: "put", key, value });
}

function insert(table, item) {
  const name = table.TableName;
  put(store.getItemDb(name), db.createKey(item, table), item);
  for (const entry of db.getIndexActions(table.GlobalSecondaryIndexes || [], null, item, table).puts) {
    put(store.getIndexDb("global", name, entry.index), entry.key, entry.item);
  }
  inserted += 1;
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
    insert(tables.get(name), item);
    if (inserted % BATCH_SIZE === 0) await flush();
  }
  process.exit(); // the parent process has ended
}

server.listen(Number(port), "127.0.0.1", () => {
  console.log("listening");
  readLines();
});
