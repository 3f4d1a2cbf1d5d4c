/** A process that embeds, says which its child is, and goes on. */
import { execFileSync } from 'node:child_process'
import { createLocalEmbedder } from '../../src/embedding/local/local.ts'

const embedder = createLocalEmbedder({ directory: process.argv[2] ?? '' })
await embedder.embed(['hello'], 'query', new AbortController().signal)
process.send?.(Number.parseInt(execFileSync('ps', ['-o', 'pid=', '--ppid', String(process.pid)], { encoding: 'utf8' }), 10))
process.stdin.resume()
