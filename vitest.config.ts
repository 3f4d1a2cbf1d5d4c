import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
	// one file for `graphql`, or its CommonJS and ES modules meet as two realms
	resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql/index.js')) }] },
	test: {
		include: ['test/**/*.test.ts'],
		globalSetup: ['test/support/template.ts'],
		reporters: ['default', './test/support/skipped.ts'],
		pool: 'forks',
		execArgv: ['--disable-warning=ExperimentalWarning'],
		testTimeout: 30_000,
		hookTimeout: 60_000,
	},
})
