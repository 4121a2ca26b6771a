// Prints a Parquet file as JSON: read_parquet.mjs hyparquet|duckdb|statistics|rewrite FILE
// {"types": {COLUMN: TYPE}, "metadata": {KEY: VALUE}, "rows": [[CELL, ...], ...]};
// integers and doubles are text, because JSON keeps neither as they are.
import { DuckDBInstance } from "@duckdb/node-api";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

function plain(cell) {
    if (Array.isArray(cell))
        return cell.map(plain);
    if (cell && cell.items)
        return cell.items.map(plain);
    return typeof cell === "bigint" || typeof cell === "number" ? String(cell) : cell ?? null;
}

async function byHyparquet(path) {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const columns = metadata.schema.slice(1).filter((element) => !["list", "element"].includes(element.name));
    const rows = await parquetReadObjects({ file, metadata, compressors, useOffsetIndex: false });
    return {
        types: Object.fromEntries(columns.map((column) => [column.name, column.type ?? "LIST"])),
        metadata: Object.fromEntries(metadata.key_value_metadata.map(({ key, value }) => [key, value])),
        groups: metadata.row_groups.length,
        rows: rows.map((row) => columns.map((column) => plain(row[column.name]))),
    };
}

async function byDuckdb(path) {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const ask = async (sql) => connection.runAndReadAll(sql, [path]);
    const all = await ask("SELECT * FROM read_parquet(?)");
    const pairs = await ask("SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)");
    return {
        types: Object.fromEntries(all.columnNames().map((name, i) => [name, String(all.columnTypes()[i])])),
        metadata: Object.fromEntries(pairs.getRows()),
        rows: all.getRows().map((row) => row.map(plain)),
    };
}

// Of each column that is no list: its least and greatest value by the metadata, and by its cells.
async function statistics(path) {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const ask = async (sql) => (await connection.runAndReadAll(sql, [path])).getRows();
    const columns = await ask("SELECT path_in_schema, stats_min_value, stats_max_value FROM parquet_metadata(?)" +
        " WHERE stats_min_value IS NOT NULL AND path_in_schema NOT LIKE '%, list, %'");
    const rows = [];
    for (const [name, least, greatest] of columns) {
        const range = `min("${name}")::VARCHAR, max("${name}")::VARCHAR`;
        const [cells] = await ask(`SELECT ${range} FROM read_parquet(?)`);
        rows.push([name, least, greatest, ...cells]);
    }
    return { rows };
}

// Writes the table of a CSV file as FILE.parquet, packed with zstd.
async function rewrite(path) {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(`COPY (FROM read_csv('${path}', sample_size = -1)) TO '${path}.parquet'` +
        " (FORMAT parquet, COMPRESSION zstd)");
    return {};
}

const readers = { hyparquet: byHyparquet, duckdb: byDuckdb, statistics, rewrite };
const [reader, path] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await readers[reader](path)) + "\n");
