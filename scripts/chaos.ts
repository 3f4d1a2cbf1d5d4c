/**
 * `npm run chaos`: kills servers at random moments, CHAOS_KILLS times (200), and checks that nothing is lost, half done or left over: test/e2e/crash.test.ts.
 * On the embedded database, and on PostgreSQL with Milvus where TEST_DATABASE_URL and TEST_MILVUS_ADDRESS are set. The moments are those of a number that
 * it prints; CHAOS_SEED tries the same again, as far as the machine lets it.
 */
import { spawn } from 'node:child_process'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')
const seed = process.env['CHAOS_SEED'] ?? String(Math.floor(Math.random() * 1_000_000))
const kills = process.env['CHAOS_KILLS'] ?? '200'
console.log(`CHAOS_SEED=${seed} CHAOS_KILLS=${kills} npm run chaos`)
const child = spawn(process.execPath, [vitest, 'run', '--project', 'parts', 'test/e2e/crash.test.ts', ...process.argv.slice(2)], {
	cwd: root,
	env: { ...process.env, CHAOS_SEED: seed, CHAOS_KILLS: kills },
	stdio: 'inherit',
})
child.on('close', (code) => {
	process.exitCode = code ?? 1
})
