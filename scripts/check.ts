/**
 * `npm run check`: everything that can be wrong without running a test. `npm run check -- types unused` runs these steps only.
 * Each step is a command of its own; they share the cores, and what fails says so at the end, in full.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { z } from 'zod'

interface Step {
	name: string
	/** Arguments of Node: a script of ours, or one that a package installs. */
	command: readonly string[]
	/** What a run that did its work prints, for a tool that succeeds when it found nothing to do. */
	prints?: RegExp
	/** What to run when it fails. */
	remedy?: string
}

const TIMEOUT_MS = 180_000
const root = path.resolve(import.meta.dirname, '..')
const folders = ['src', 'schema', 'test', 'scripts', 'demo', 'eval', 'bench'].filter((folder) => existsSync(path.join(root, folder)))
const steps: readonly Step[] = [
	{
		name: 'lint',
		command: [tool('@biomejs/biome', 'biome'), 'ci', '--error-on-warnings', '--colors=off'],
		remedy: 'npx biome check --write',
	},
	{ name: 'types', command: [tool('typescript', 'tsc')] },
	{ name: 'migrations', command: ['scripts/migrate-new.ts', '--check'], remedy: 'npm run migrate:new <name>' },
	{ name: 'client', command: ['scripts/check-client.ts'], remedy: 'npm run generate' },
	{ name: 'unused', command: [tool('knip', 'knip'), '--no-progress', '--treat-config-hints-as-errors'] },
	{
		name: 'imports',
		command: [tool('dependency-cruiser', 'depcruise'), ...folders, '--output-type', 'err-long'],
		prints: /\([1-9]\d* modules, [1-9]\d* dependencies cruised\)/,
	},
	{ name: 'prints', command: ['scripts/print-schema.ts', '--check'], remedy: 'npm run schema:print' },
	{ name: 'openapi', command: ['scripts/check-openapi.ts'] },
	{
		name: 'graphql',
		command: [tool('eslint', 'eslint'), '--max-warnings=0', 'schema/schema.graphql'],
	},
	{ name: 'breaking', command: ['scripts/check-breaking.ts'], remedy: 'npm run schema:release, where a release may break its clients' },
	{ name: 'env', command: ['scripts/env-example.ts', '--check'], remedy: 'npm run env:example' },
	{ name: 'lock', command: ['scripts/complete-lock.ts', '--check'], remedy: 'npm install && npm run lock' },
	{ name: 'dependencies', command: ['scripts/check-dependencies.ts'] },
]

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !steps.some((step) => step.name === name))
if (unknown.length > 0) throw new Error(`no such step: ${unknown.join(', ')}; there are: ${steps.map(({ name }) => name).join(', ')}`)

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())

const startedAt = performance.now()
const waiting = steps.filter(({ name }) => asked.length === 0 || asked.includes(name))
const failures: { step: Step; output: string }[] = []
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, workOff))

for (const { step, output } of failures) console.error(`\n──── ${step.name}\n${output.trim()}${step.remedy ? `\nRun: ${step.remedy}` : ''}`)
const verdict = failures.length === 0 ? 'all is well' : `wrong: ${failures.map(({ step }) => step.name).join('; ')}`
console.log(`\n${seconds(startedAt)} s: ${verdict}`)
process.exitCode = failures.length === 0 ? 0 : 1

async function workOff(): Promise<void> {
	for (let step = waiting.shift(); step && !interrupted.signal.aborted; step = waiting.shift()) {
		const from = performance.now()
		const { isGood, output } = await run(step)
		if (!isGood) failures.push({ step, output })
		console.log(`${isGood ? '✔' : '✖'} ${step.name.padEnd(12)} ${seconds(from).padStart(5)} s`)
	}
}

function run({ command, prints }: Step): Promise<{ isGood: boolean; output: string }> {
	return new Promise((resolve) => {
		const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...command], {
			cwd: root,
			env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', CHECKPOINT_DISABLE: '1' },
			stdio: ['ignore', 'pipe', 'pipe'],
			signal: AbortSignal.any([interrupted.signal, AbortSignal.timeout(TIMEOUT_MS)]),
		})
		let output = ''
		for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
		child.on('error', (error) => (output += `\n${error.message}`))
		child.on('close', (code) => {
			const didNothing = code === 0 && prints !== undefined && !prints.test(output)
			resolve({ isGood: code === 0 && !didNothing, output: didNothing ? `${output}\nIt looked at nothing.` : output })
		})
	})
}

/** The script behind a command that a package installs, the same on every system. */
function tool(packageName: string, command: string): string {
	const folder = path.join(root, 'node_modules', packageName)
	const { bin } = z
		.object({ bin: z.record(z.string(), z.string()) })
		.parse(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')))
	return path.join(folder, z.string().parse(bin[command]))
}

function seconds(from: number): string {
	return ((performance.now() - from) / 1_000).toFixed(1)
}
