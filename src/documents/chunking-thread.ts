import { parentPort, workerData } from 'node:worker_threads'
import { batches } from './batches.ts'
import type { Cutting } from './chunker.ts'
import { chunk } from './chunking.ts'

/** Cuts one text, and tells the chunks in batches, without their texts; null in the end. */
const { parsed, options, size } = workerData as Cutting
for (const batch of batches(chunk(parsed, options), size)) parentPort?.postMessage(batch.map(({ text: _text, ...span }) => span))
parentPort?.postMessage(null)
