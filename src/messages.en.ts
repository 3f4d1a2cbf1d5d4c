/** Who was asked, and for what. */
interface ProviderRole {
	role: 'llm' | 'embedding' | 'reranking'
	provider: string
}

/** What can be wrong with the vectors, or the scores, that a provider answers. */
export type AnswerFault = 'notJson' | 'tooLarge' | 'noVectors' | 'noScores' | 'count' | 'order' | 'numbers' | 'lengths'

const ANSWER_FAULTS: Record<AnswerFault, string> = {
	notJson: 'no JSON',
	tooLarge: 'far more than was asked for',
	noVectors: 'no list of vectors',
	noScores: 'no list of scores',
	count: 'another number of them',
	order: 'numbers of texts that were not sent, or one twice',
	numbers: 'something that is no number, or infinite, or nothing but zeros',
	lengths: 'vectors of different lengths',
}

/** The words for every problem: what is wrong and what to do. `errors.ts` gives each its code. */
export const english = {
	unreadable: ({ reason }: { reason: string }) => `The request cannot be read: ${reason}`,
	badJson: () => 'The body is not valid JSON.',
	badBody: () => 'The body must be a JSON object.',
	slowBody: ({ seconds }: { seconds: number }) => `The body took longer than ${seconds} s to arrive.`,
	badValue: ({ at, expected }: { at: string; expected: string }) => `${at}: expected ${expected}.`,
	badCursor: ({ at }: { at: string }) => `${at}: not a cursor of this list in this order. Begin again without it.`,
	documentLimit: ({ of, max }: { of: string; max: number }) =>
		`The GraphQL document asks for too much: at most ${max} ${of}. Ask in several requests.`,
	malformedRequest: () => 'This is no HTTP request that can be read, or its Host or address is none.',
	headersTooLarge: () => 'The address and the headers of the request are too long.',
	slowRequest: () => 'The request took too long to arrive.',
	badPath: () => 'The path is not well encoded.',
	missingField: ({ at }: { at: string }) => `${at}: required, but missing.`,
	unknownField: ({ at }: { at: string }) => `${at}: no such field.`,
	brokenUpload: () => 'The upload is cut off or not well formed; send it again.',
	oneFileOnly: () => 'Send one file a request: a new version is one file, and so is what an Idempotency-Key stands for.',
	notSignedIn: () => 'Sign in first: send the header "Authorization: Bearer <token>".',
	wrongCredentials: () => 'The username or the password is wrong.',
	badToken: () => 'The token is not valid or has expired; sign in again.',
	forbidden: () => 'You may not do this.',
	noSuchPath: () => 'There is nothing at this path.',
	noSuchWorkspace: ({ slug }: { slug: string }) => `There is no workspace "${slug}".`,
	noSuchDocument: () => 'There is no such document.',
	noSuchThread: () => 'There is no such thread.',
	noSuchRun: () => 'There is no such run.',
	tooManyOperations: ({ max }: { max: number }) =>
		`At most ${max} operations run on one socket at a time. Complete one first, or open another socket.`,
	noSuchUser: () => 'There is no such user.',
	noSuchMember: () => 'This user is no member of the workspace.',
	gone: () => 'Something that was asked for has just been deleted; ask again.',
	methodNotAllowed: ({ method, allow }: { method: string; allow: string }) => `${method} is not allowed here; allowed: ${allow}.`,
	notAcceptable: ({ offered }: { offered: string }) => `This is answered as ${offered}, which the Accept header does not take.`,
	bodyTooLarge: ({ maxBytes }: { maxBytes: number }) => `The body is too large; at most ${maxBytes} bytes are accepted.`,
	fileTooLarge: ({ maxBytes }: { maxBytes: number }) => `The file is too large; at most ${maxBytes} bytes are accepted.`,
	encodedBody: () => 'Send the body uncompressed, without Content-Encoding.',
	unsupportedMediaType: ({ expected }: { expected: string }) => `Send the body as ${expected}.`,
	slugTaken: ({ slug }: { slug: string }) => `The slug "${slug}" is taken; choose another.`,
	sameBytes: ({ filename, documentId }: { filename: string; documentId: number }) =>
		`The same file is already in this workspace: "${filename}" (document ${documentId}).`,
	usernameTaken: ({ username }: { username: string }) => `The username "${username}" is taken; choose another.`,
	alreadyMember: ({ username }: { username: string }) => `"${username}" is a member already; change their role instead.`,
	lastAdmin: () => 'The last admin stays one: make another user an admin first.',
	lastOwner: () => 'A workspace keeps an owner: make another member an owner first.',
	runBusy: () => 'A chat with this requestId is being started; try again.',
	runCancelled: () => 'The answer was cancelled.',
	requestIdReused: () => 'This requestId belongs to another message.',
	keyBusy: () => 'A call with this Idempotency-Key is running; send it again when it has ended.',
	keyReused: () => 'This Idempotency-Key belongs to another call, with other values; choose a new one.',
	keyForOne: () => 'An Idempotency-Key is for one call: send each mutation in a request of its own.',
	badIdempotencyKey: () => 'Idempotency-Key: 1 to 255 visible ASCII characters, for example a UUID.',
	tooShort: ({ at, min }: { at: string; min: number }) => `${at}: at least ${min} characters.`,
	tooLong: ({ at, max }: { at: string; max: number }) => `${at}: at most ${max} characters.`,
	empty: ({ at }: { at: string }) => `${at}: must not be empty.`,
	tooSmall: ({ at, min }: { at: string; min: number }) => `${at}: at least ${min}.`,
	tooLarge: ({ at, max }: { at: string; max: number }) => `${at}: at most ${max}.`,
	firstOrLast: () => 'Give `first` or `last`, not both.',
	badSlug: () => 'slug: 1 to 64 lower-case letters, digits and single hyphens, for example "my-workspace".',
	badCharacters: ({ at }: { at: string }) =>
		`${at}: must not contain control characters, unpaired surrogates or, in a user name, characters that cannot be seen.`,
	cannotClear: ({ at }: { at: string }) => `${at}: cannot be cleared.`,
	overlapTooLarge: () => 'chunkOverlap: must be less than half of chunkTokens.',
	notAnObject: ({ at }: { at: string }) => `${at}: must be a JSON object.`,
	oneUser: () => 'Name one user: userId or username.',
	unknownProvider: ({ at, provider, known }: { at: string; provider: string; known: string }) =>
		`${at}: there is no provider "${provider}"; there are: ${known}.`,
	keyRequired: ({ at, provider }: { at: string; provider: string }) =>
		`${at}: "${provider}" needs a key, or a base URL that needs none. Another provider or base URL takes no key along: send it in the same request.`,
	maskedKey: ({ at }: { at: string }) => `${at}: this is how another key is shown, not a key; leave the field out to keep the key.`,
	badBaseUrl: ({ at }: { at: string }) => `${at}: an address such as http://localhost:11434/v1, without a password, a query or a fragment.`,
	localModelOnly: ({ at, model }: { at: string; model: string }) =>
		`${at}: "local" has only its own model, "${model}", and takes no address.`,
	otherDimensions: ({ provider, expected, got }: { provider: string; expected: number; got: number }) =>
		`The embedding model of "${provider}" answered vectors of ${got} numbers, where the index has ${expected}: it is not the model that it was.`,
	embedderBroke: ({ provider, what }: { provider: string; what?: AnswerFault }) =>
		`The embedding provider "${provider}" answered something else than the vectors asked for${what ? `: ${ANSWER_FAULTS[what]}` : ''}. Check embeddingModel and embeddingBaseUrl in the settings.`,
	rerankerBroke: ({ provider, what }: { provider: string; what: AnswerFault }) =>
		`The reranking provider "${provider}" answered something else than a score for each text: ${ANSWER_FAULTS[what]}. Check rerankingModel and rerankingBaseUrl in the settings.`,
	textTooLong: ({ provider }: { provider: string }) =>
		`The embedding provider "${provider}" refuses even a short text as too long; check embeddingModel in the settings.`,
	emptyFile: () => 'The file is empty.',
	unsupportedFile: ({ accepted }: { accepted: string }) => `The content of this file is of no supported type; supported: ${accepted}.`,
	notProcessed: () => 'The document has no text yet: it is not processed.',
	badRange: ({ size }: { size: number }) => `The file has ${size} bytes; the range lies behind them.`,
	badFileUrl: () => 'This link is not valid (any more): ask for a new one.',
	tooManyStreams: ({ max }: { max: number }) => `At most ${max} connections of a user are open at once; end another one first.`,
	fileMissing: () => 'The original file is not in the storage any more; upload it again.',
	processingFailed: () =>
		'The server could not process the document, although it tried again and again; upload it once more, or see the log.',
	internal: () => 'Something broke on the server. The log has the details under the request id.',
	unavailable: ({ part }: { part: string }) => `"${part}" is not available at the moment; try again later.`,
	rateLimited: ({ limit, quota, seconds }: { limit: string; quota: number; seconds: number }) =>
		`Too many calls: the limit "${limit}" is ${quota} a minute. Try again in ${seconds} s.`,
	interrupted: () => 'The server stopped before the answer was complete.',
	runTimedOut: () => 'The answer took too long.',
	lockedKey: ({ provider }: { provider: string }) =>
		`The stored key of "${provider}" cannot be read: SETTINGS_KEY is another than when it was stored. Start with the old one, or set the key anew (PUT /api/system/settings).`,
	providerRefused: ({ provider, reason }: { provider: string; reason: string }) => `The model provider "${provider}" refused: ${reason}`,
	providerKey: ({ role, provider }: ProviderRole) =>
		`The model provider "${provider}" does not accept the API key; check ${role}ApiKey in the settings (${role.toUpperCase()}_API_KEY).`,
	providerQuota: ({ provider }: { provider: string }) =>
		`The model provider "${provider}" limits the rate or the quota is used up; try again later.`,
	providerContext: ({ provider }: { provider: string }) =>
		`The conversation is too long for the model of "${provider}"; start a new thread.`,
	providerOverloaded: ({ provider }: { provider: string }) => `The model provider "${provider}" is overloaded or broken; try again later.`,
	providerUnreachable: ({ role, provider }: ProviderRole) =>
		`The model provider "${provider}" cannot be reached; check ${role}BaseUrl in the settings (${role.toUpperCase()}_BASE_URL).`,
	providerSilent: ({ provider }: { provider: string }) => `The model provider "${provider}" stopped answering.`,
	providerBroke: ({ provider }: { provider: string }) => `The answer of the model provider "${provider}" broke off or cannot be read.`,
	parsePassword: () => 'The file needs a password to open; remove the password and upload it again.',
	parseBroken: ({ type }: { type: string }) => `The file is damaged or not a valid ${type} file.`,
	parseNoText: () => 'The file contains no text (a scan, perhaps); only files with text can be searched.',
	parseTooMuchText: ({ maxCharacters }: { maxCharacters: number }) =>
		`The file contains too much text; at most ${maxCharacters} characters are accepted.`,
	parseTooManyPages: ({ maxPages }: { maxPages: number }) => `The file has too many pages or slides; at most ${maxPages} are accepted.`,
	parseTimeout: ({ seconds }: { seconds: number }) => `Reading the file took longer than ${seconds} s.`,
	parseMemory: () => 'Reading the file took too much memory.',
	parseCrash: () => 'The file made its reader crash; it is probably damaged.',
	parseDirectory: () => 'The file is a package of more parts, or of longer names, than a document has.',
	parseBomb: () => 'The file unpacks to far more than its size; it looks like a zip bomb.',
}

export type Messages = typeof english
