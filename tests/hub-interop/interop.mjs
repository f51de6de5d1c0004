// What npm's @huggingface/hub makes of a cache, and a cache it makes itself; prints one JSON object.
// Arguments: address of the hub, repository, commit, a cache to read, a cache to fill.
import { downloadFileToCacheDir, scanCacheDir, snapshotDownload } from "@huggingface/hub";

const [hubUrl, repo, commit, readCache, fillCache] = process.argv.slice(2);
const noNetwork = () => {
  throw new Error("the file is in the cache, but the network was asked");
};

const scan = await scanCacheDir(readCache);
const found = await downloadFileToCacheDir({
  repo, path: "config.json", revision: commit, cacheDir: readCache, hubUrl, fetch: noNetwork,
});
const filled = await snapshotDownload({ repo, cacheDir: fillCache, hubUrl });
console.log(JSON.stringify({
  warnings: scan.warnings.map(String),
  repositories: scan.repos.map(({ id, filesCount, revisions }) => ({
    id, filesCount, revisions: revisions.map(({ commitOid, refs, files }) => ({ commitOid, refs, files: files.length })),
  })),
  found,
  filled,
}));
