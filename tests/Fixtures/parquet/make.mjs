// Writes the files of this folder; see README.md. Run as: node make.mjs, where the packages are installed.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as arrow from "apache-arrow";
import { Compression, Table, WriterPropertiesBuilder, WriterVersion, writeParquet } from "parquet-wasm";
import { DuckDBInstance } from "@duckdb/node-api";

const here = dirname(fileURLToPath(import.meta.url));
const pictures = join(here, "..", "tiny-eval", "images");
const text = new arrow.Utf8();
const field = (name, type) => new arrow.Field(name, type, true);
const struct = (fields) => new arrow.Struct(Object.entries(fields).map(([name, type]) => field(name, type)));
const list = (type) => new arrow.List(field("element", type));
const image = struct({ bytes: new arrow.Binary(), path: text });

const read = (name) => readFileSync(join(here, name), "utf8").trim().split("\n").map((line) => JSON.parse(line));
const picture = (name, path) => name === null
  ? null
  : { bytes: new Uint8Array(readFileSync(join(pictures, name))), path };

// The columns of MMMU, in their order.
const mmmu = {
  id: text, question: text, options: text, explanation: text,
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((i) => [`image_${i}`, image])),
  img_type: text, answer: text, topic_difficulty: text, question_type: text, subfield: text,
};
const mmmuRow = ({ subject, ...row }) => Object.fromEntries(Object.keys(mmmu).map((name) => [
  name, name.startsWith("image_") ? picture(row[name], `${row.id}_${name.slice(6)}.png`) : row[name]]));

// The columns of MathVista, in their order.
const mathvista = {
  pid: text, question: text, image: text, decoded_image: image, choices: list(text), unit: text,
  precision: new arrow.Float64(), answer: text, question_type: text, answer_type: text,
  metadata: struct({
    category: text, context: text, grade: text, img_height: new arrow.Int64(), img_width: new arrow.Int64(),
    language: text, skills: list(text), source: text, split: text, task: text,
  }),
  query: text,
};
const mathvistaRow = (row) => ({
  ...row,
  image: `images/${row.image}`,
  decoded_image: picture(row.image, `${row.pid}.jpg`),
  metadata: {
    ...row.metadata,
    img_height: BigInt(row.metadata.img_height),
    img_width: BigInt(row.metadata.img_width),
  },
});

function write(path, columns, rows, change) {
  const vectors = Object.fromEntries(Object.entries(columns).map(([name, type]) =>
    [name, arrow.vectorFromArray(rows.map((row) => row[name]), type)]));
  const table = new arrow.Table(vectors);
  const properties = change(new WriterPropertiesBuilder().setCompression(Compression.SNAPPY)).build();
  const bytes = writeParquet(Table.fromIPCStream(arrow.tableToIPC(table, "stream")), properties);
  mkdirSync(dirname(join(here, path)), { recursive: true });
  writeFileSync(join(here, path), bytes);
}

// DuckDB reads the rows of a file written above and writes them anew.
async function rewrite(from, to, options) {
  const connection = await (await DuckDBInstance.create()).connect();
  mkdirSync(dirname(join(here, to)), { recursive: true });
  await connection.run(`COPY (SELECT * FROM '${join(here, from)}') TO '${join(here, to)}' (FORMAT parquet, ${options})`);
}

const questions = read("mmmu.jsonl").map((row) => [row.subject, mmmuRow(row)]);
const of = (subject) => questions.filter(([name]) => name === subject).map(([, row]) => row);
const file = "validation-00000-of-00001.parquet";
write(`mmmu/Accounting/${file}`, mmmu, of("Accounting"), (p) => p);
write(`mmmu/Art/${file}`, mmmu, of("Art"), (p) => p.setMaxRowGroupSize(2));
write("temporary.parquet", mmmu, of("Art_Theory"), (p) => p);
await rewrite("temporary.parquet", `mmmu/Art_Theory/${file}`, "COMPRESSION snappy");

const items = read("mathvista.jsonl").map(mathvistaRow);
const testmini = "testmini-00000-of-00001-725687bf7a18d64b.parquet";
write(`mathvista/data/${testmini}`, mathvista, items, (p) => p.setMaxRowGroupSize(4).setDictionaryPageSizeLimit(1500));

// The same items in other forms that a writer may choose; without their pictures' bytes to keep them small.
const bare = items.map((item) => ({ ...item, decoded_image: { bytes: null, path: item.decoded_image.path } }));
write("forms/pages-of-the-second-form.parquet", mathvista, bare, (p) =>
  p.setWriterVersion(WriterVersion.V2).setDictionaryEnabled(true));
write("forms/plain.parquet", mathvista, bare, (p) =>
  p.setCompression(Compression.UNCOMPRESSED).setDictionaryEnabled(false).setDataPageSizeLimit(64).setWriteBatchSize(2));
write("forms/gzip.parquet", mathvista, bare, (p) => p.setCompression(Compression.GZIP));
write("forms/zstd.parquet", mathvista, bare, (p) => p.setCompression(Compression.ZSTD));
write("forms/delta.parquet", mathvista, bare, (p) =>
  p.setWriterVersion(WriterVersion.V2).setDictionaryEnabled(false));
write("temporary.parquet", mathvista, bare, (p) => p);
await rewrite("temporary.parquet", "forms/duckdb.parquet", "COMPRESSION snappy");
rmSync(join(here, "temporary.parquet"));
