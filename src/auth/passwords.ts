import { hash, verify } from '@node-rs/argon2'

/** argon2id with the parameters that OWASP's password storage cheat sheet names first (19 MiB, 2 passes, 1 lane). */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** The hash of a password nobody has, made with the same parameters: checking against it takes as long as a real check. */
const NOBODYS = '$argon2id$v=19$m=19456,t=2,p=1$zXKuxL0TI+KpfHhhEFQoeg$Y9zOxjijO9p3kcEGoLrztgTtp65z5m24Bt34To2k8TI'

export const hashPassword = (password: string): Promise<string> => hash(password, OPTIONS)

/** Takes the same time whether there is a hash (a user) or not. */
export async function isPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
	const matches = await verify(passwordHash ?? NOBODYS, password)
	return matches && passwordHash !== undefined
}
