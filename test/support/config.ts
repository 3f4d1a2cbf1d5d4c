import { type Config, readConfig } from '../../src/config.ts'

export const ADMIN_PASSWORD = 'password'

/** No test but those of limits is about limits. */
export const UNLIMITED = { RATE_LIMIT_AUTH: '0', RATE_LIMIT_CHAT: '0', RATE_LIMIT_UPLOAD: '0', RATE_LIMIT_DEFAULT: '0' }

/** A configuration for tests: quiet, on a free port, with what is given on top. */
export const configFor = (directory: string, environment: Record<string, string> = {}): Config =>
	readConfig({ DATA_DIR: directory, PORT: '0', ADMIN_PASSWORD, LOG_LEVEL: 'silent', ...UNLIMITED, ...environment })
