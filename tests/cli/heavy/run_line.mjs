// Runs a line of the manual in the current folder: run_line.mjs DuckDB|node LINE
// Prints the sampleIDs that its reader got, as a list of texts.
import { DuckDBInstance } from "@duckdb/node-api";
import { readFileSync } from "node:fs";

async function duckdb(line) {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const rows = (await connection.runAndReadAll(`SELECT sample_id ${line}`)).getRows();
    return rows.map(([id]) => id);
}

function node(line) {
    const run = new Function("readFileSync", `return ${line}`);
    return run(readFileSync).map((row) => row.sample_id);
}

const readers = { DuckDB: duckdb, node };
const [reader, line] = process.argv.slice(2);
process.stdout.write(JSON.stringify((await readers[reader](line)).map(String)) + "\n");
