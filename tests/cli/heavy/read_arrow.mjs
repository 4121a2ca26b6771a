// Prints a stream of Arrow as JSON: read_arrow.mjs FILE
// {"types": {COLUMN: TYPE}, "batches": N, "rows": [[CELL, ...], ...]}; integers are text.
import { readFileSync } from "node:fs";
import { tableFromIPC, Vector } from "apache-arrow";

function plain(cell) {
    if (cell instanceof Vector)
        return Array.from(cell, plain);
    return typeof cell === "string" ? cell : cell === null ? null : String(cell);
}

const table = tableFromIPC(readFileSync(process.argv[2]));
const names = table.schema.fields.map((field) => field.name);
const rows = Array.from(table, (row) => names.map((name) => plain(row[name])));
const types = Object.fromEntries(table.schema.fields.map((field) => [field.name, String(field.type)]));
process.stdout.write(JSON.stringify({ types, batches: table.batches.length, rows }) + "\n");
