import { fsyncSync } from 'node:fs'
import type { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

/** The part of Emscripten's module that is patched. */
interface Module {
	FS: { filesystems: { NODEFS: { stream_ops: { fsync?: (stream: { nfd?: number }) => number } } } }
}

/** PGlite's file system has no fsync, so PostgreSQL's own durability ends at the page cache. This adds it. */
export class DurableNodeFS extends NodeFS {
	override async init(database: PGlite, options: Parameters<NodeFS['init']>[1]) {
		const result = await super.init(database, options)
		const addFsync = (module: unknown) => {
			;(module as Module).FS.filesystems.NODEFS.stream_ops.fsync = ({ nfd }) => {
				if (typeof nfd === 'number') fsyncSync(nfd)
				return 0
			}
		}
		const preRun = [result.emscriptenOpts.preRun ?? []].flat()
		return { ...result, emscriptenOpts: { ...result.emscriptenOpts, preRun: [addFsync, ...preRun] } }
	}
}
