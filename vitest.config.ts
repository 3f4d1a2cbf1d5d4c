import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const SERVICES = ['TEST_DATABASE_URL', 'TEST_MILVUS_ADDRESS', 'TEST_REDIS_URL']
const hasServices = SERVICES.every((name) => process.env[name])
/** What asks the product through its surfaces, and does not care what it stands on. */
const CONTRACT = 'test/contract/**/*.test.ts'
/** Says by its name what is skipped without the services. */
const NO_SERVICES = 'test/support/no-services.test.ts'
const EMBEDDED = 'test/support/template.ts'

export default defineConfig({
	// one file for `graphql`, or its CommonJS and ES modules meet as two realms
	resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql/index.js')) }] },
	test: {
		reporters: ['default', './test/support/outcomes.ts'],
		pool: 'forks',
		execArgv: ['--disable-warning=ExperimentalWarning'],
		testTimeout: 30_000,
		hookTimeout: 60_000,
		retry: process.env['CI'] ? 1 : 0, // on a busy machine; outcomes.ts names what needed it
		expect: { poll: { timeout: 20_000 } },
		projects: [
			{
				extends: true,
				test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: [CONTRACT, NO_SERVICES], globalSetup: [EMBEDDED] },
			},
			// not isolated: loading the product anew for each file takes longer than most of them
			{
				extends: true,
				test: { name: 'embedded', include: [CONTRACT], isolate: false, globalSetup: [EMBEDDED] },
			},
			{
				extends: true,
				test: hasServices
					? { name: 'services', include: [CONTRACT], isolate: false, globalSetup: ['test/support/services-template.ts'] }
					: { name: 'services', include: [NO_SERVICES] },
			},
		],
	},
})
