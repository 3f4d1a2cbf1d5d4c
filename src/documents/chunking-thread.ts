import { parentPort, workerData } from 'node:worker_threads'
import { batches } from './batches.ts'
import type { Cutting } from './chunker.ts'
import { chunk } from './chunking.ts'
import { decoded } from './encoded-text.ts'

/** Cuts one text, and tells the next batch of chunks when it is asked; null in the end. */
const { utf8, options, size, ...text } = workerData as Cutting
const parsed = decoded({ ...text, utf8: Buffer.from(utf8.buffer, utf8.byteOffset, utf8.length) })
const cut = batches(chunk(parsed, options), size)
parentPort?.on('message', () => parentPort?.postMessage(cut.next().value ?? null))
