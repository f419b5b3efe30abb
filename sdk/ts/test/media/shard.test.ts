import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCar } from "../../src/media/car.js";
import { CID } from "../../src/media/cid.js";
import { DagError, decode, type DagNode } from "../../src/media/dagpb.js";
import { entriesOfShard, findInShard } from "../../src/media/hamt.js";

// Folders of 401 files, sharded by boxo with 256 and 16 children a part: what a folder of more than 4,500 segments is published as.
describe.each([256, 16])("a directory of %d shards", (fanout) => {
  const blocks = new Map<string, Uint8Array<ArrayBuffer>>();
  let root!: CID;
  for (const { cid, data, roots } of readCar(new Uint8Array(readFileSync(new URL(`testdata/shard${fanout}.car`, import.meta.url))))) {
    blocks.set(cid.text, data.slice());
    root = roots[0]!;
  }
  const load = async (c: CID): Promise<DagNode> => decode(c, blocks.get(c.text)!);
  const name = (i: number) => `seg${String(i).padStart(5, "0")}.m4s`;

  it("is found in by name", async () => {
    const at = await load(root);
    expect([at.kind, at.fanout]).toEqual(["shard", fanout]);
    for (let i = 0; i < 400; i++) expect(new TextDecoder().decode(blocks.get((await findInShard(at, name(i), load))!.text))).toBe(`segment ${i}`);
    expect(new TextDecoder().decode(blocks.get((await findInShard(at, "Größe", load))!.text))).toBe("x");
    for (const no of [name(400), "", "00", "FF", "seg", name(1) + "x"]) expect(await findInShard(at, no, load)).toBeUndefined();
  });

  it("is listed", async () => {
    const all = await entriesOfShard(await load(root), load, 1000);
    expect(all.map((l) => l.name).sort()).toEqual([...Array.from({ length: 400 }, (_, i) => name(i)), "Größe"].sort());
    await expect(entriesOfShard(await load(root), load, 400)).rejects.toThrow(DagError);
  });

  it("does not go round in circles", async () => {
    const at = await load(root), pad = (fanout - 1).toString(16).length;
    const round: DagNode = { ...at, links: at.links.map((l) => (l.name.length === pad ? { ...l, cid: root } : l)) };
    await expect(entriesOfShard(round, async () => round, 10_000)).rejects.toThrow("twice");
    await expect(findInShard({ ...round, links: Array.from({ length: fanout }, (_, i) => ({ name: i.toString(16).toUpperCase().padStart(pad, "0"), cid: root, size: 0, tsize: 0 })) }, "x", async () => ({
      ...round, links: Array.from({ length: fanout }, (_, i) => ({ name: i.toString(16).toUpperCase().padStart(pad, "0"), cid: root, size: 0, tsize: 0 })),
    }))).rejects.toThrow("deeper");
  });
});
