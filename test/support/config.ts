import { type Config, readConfig } from '../../src/config.ts'

export const ADMIN_PASSWORD = 'password'

/** A configuration for tests: quiet, on a free port, with what is given on top. */
export const configFor = (directory: string, environment: Record<string, string> = {}): Config =>
	readConfig({ DATA_DIR: directory, PORT: '0', ADMIN_PASSWORD, LOG_LEVEL: 'silent', ...environment })
