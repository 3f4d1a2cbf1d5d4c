import type { Messages } from './messages.en.ts'

/** The Chinese words for every problem. */
export const chinese: Messages = {
	unreadable: ({ reason }) => `无法读取请求：${reason}`,
	badJson: () => '请求体不是有效的 JSON。',
	badBody: () => '请求体必须是一个 JSON 对象。',
	slowBody: ({ seconds }) => `请求体超过 ${seconds} 秒仍未到齐。`,
	badValue: ({ at, expected }) => `${at}：类型或取值不正确，应为${inChinese(expected)}。`,
	badPath: () => '路径的编码不正确。',
	missingField: ({ at }) => `${at}：缺少必填字段。`,
	unknownField: ({ at }) => `${at}：没有这个字段。`,
	brokenUpload: () => '上传内容不完整或格式不正确，请重新上传。',
	oneFileOnly: () => '每次请求只能上传一个文件。',
	notSignedIn: () => '请先登录，并发送请求头 "Authorization: Bearer <token>"。',
	wrongCredentials: () => '用户名或密码错误。',
	badToken: () => '令牌无效或已过期，请重新登录。',
	forbidden: () => '权限不足，不能执行此操作。',
	noSuchPath: () => '此路径不存在。',
	noSuchWorkspace: ({ slug }) => `工作空间 "${slug}" 不存在。`,
	noSuchDocument: () => '文档不存在。',
	noSuchThread: () => '对话线程不存在。',
	methodNotAllowed: ({ method, allow }) => `此路径不支持 ${method}，可用的方法：${allow}。`,
	bodyTooLarge: ({ maxBytes }) => `请求体过大，最多 ${maxBytes} 字节。`,
	fileTooLarge: ({ maxBytes }) => `文件过大，最多 ${maxBytes} 字节。`,
	unsupportedMediaType: ({ expected }) => `请以 ${expected} 格式发送请求体。`,
	slugTaken: ({ slug }) => `标识符 "${slug}" 已被占用，请换一个。`,
	sameBytes: ({ filename, documentId }) => `工作空间中已有相同的文件："${filename}"（文档 ${documentId}）。`,
	runBusy: () => '使用此 requestId 的对话正在启动，请稍后重试。',
	requestIdReused: () => '此 requestId 已用于另一条消息。',
	tooShort: ({ at, min }) => `${at}：至少 ${min} 个字符。`,
	tooLong: ({ at, max }) => `${at}：最多 ${max} 个字符。`,
	empty: ({ at }) => `${at}：不能为空。`,
	tooSmall: ({ at, min }) => `${at}：不能小于 ${min}。`,
	tooLarge: ({ at, max }) => `${at}：不能大于 ${max}。`,
	badSlug: () => 'slug：1 到 64 个小写字母、数字和单个连字符，例如 "my-workspace"。',
	badCharacters: ({ at }) => `${at}：不能包含控制字符或不成对的代理字符。`,
	cannotClear: ({ at }) => `${at}：不能清空。`,
	notAnObject: ({ at }) => `${at}：必须是一个 JSON 对象。`,
	emptyFile: () => '文件为空。',
	unsupportedFile: ({ accepted }) => `不支持此文件内容的类型，支持：${accepted}。`,
	notProcessed: () => '文档尚未处理完成，还没有文本。',
	processingFailed: () => '服务器多次尝试后仍无法处理此文档，请重新上传，或查看日志。',
	internal: () => '服务器内部错误，详情见日志中对应的请求编号。',
	unavailable: ({ part }) => `"${part}" 暂时不可用，请稍后重试。`,
	interrupted: () => '服务器在回答完成之前停止了。',
	runTimedOut: () => '回答超时。',
	providerRefused: ({ provider, reason }) => `模型服务 "${provider}" 拒绝了请求：${reason}`,
	providerKey: ({ provider }) => `模型服务 "${provider}" 不接受此 API 密钥，请检查 LLM_API_KEY。`,
	providerQuota: ({ provider }) => `模型服务 "${provider}" 限制了请求频率或额度已用完，请稍后重试。`,
	providerContext: ({ provider }) => `对话对 "${provider}" 的模型来说太长，请开始新的线程。`,
	providerOverloaded: ({ provider }) => `模型服务 "${provider}" 过载或故障，请稍后重试。`,
	providerUnreachable: ({ provider }) => `无法连接模型服务 "${provider}"，请检查 LLM_BASE_URL。`,
	providerSilent: ({ provider }) => `模型服务 "${provider}" 停止了响应。`,
	providerBroke: ({ provider }) => `模型服务 "${provider}" 的回答中断或无法读取。`,
	parsePassword: () => '打开此文件需要密码，请去除密码后重新上传。',
	parseBroken: ({ type }) => `文件已损坏，或不是有效的 ${type} 文件。`,
	parseNoText: () => '文件中没有文本（可能是扫描件），只有包含文本的文件才能被检索。',
	parseTooMuchText: ({ maxCharacters }) => `文件中的文本过多，最多 ${maxCharacters} 个字符。`,
	parseTimeout: ({ seconds }) => `读取文件超过了 ${seconds} 秒。`,
	parseMemory: () => '读取文件占用的内存过多。',
	parseCrash: () => '读取文件时解析器崩溃，文件可能已损坏。',
	parseBomb: () => '文件解压后的大小远超其本身，疑似压缩炸弹。',
}

/** What a value should have been, the usual things in Chinese; anything else as it is. */
function inChinese(expected: string): string {
	const usual = USUAL[expected]
	if (usual) return usual
	const [pattern, words] = PATTERNS.find(([pattern]) => pattern.test(expected)) ?? []
	return pattern && words ? expected.replace(pattern, words) : ` ${expected}`
}

const USUAL: Readonly<Record<string, string>> = {
	'a string': '字符串',
	'an integer': '整数',
	'a number': '数字',
	'true or false': ' true 或 false',
	'an id': '整数 id',
	'a list': '数组',
	'an object': '对象',
	'one value': '单个值',
	'a file of a multipart request': ' multipart 请求中的文件',
	'the path of a null in the variables': '变量中值为 null 的路径',
}

const PATTERNS: readonly [RegExp, string][] = [
	[/^one of (.+)$/, ' $1 之一'],
	[/^an id such as (.+)$/, '形如 $1 的 id'],
	[/^a time such as (.+)$/, '形如 $1 的时间'],
	[/^at most (\d+) fields$/, '最多 $1 个字段'],
	[/^at most (\d+) files$/, '最多 $1 个文件'],
	[/^at most (\d+) levels$/, '最多 $1 层'],
	[/^at most (\d+) places$/, '最多 $1 处'],
]
