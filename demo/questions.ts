/** A question that one of the sample documents answers. */
export interface Question {
	message: string
	/** The file that has the answer. */
	document: string
	/** What a passage that answers it says. */
	expected: string
}

const handbook = 'aurora-kettle-handbook.pdf'
const manual = '员工手册.md'
const rules = '海门生产基地安全规程.docx'

export const inEnglish: Question[] = [
	{ message: 'How often should I descale the kettle with hard water?', document: handbook, expected: 'every six weeks' },
	{ message: 'How long is the guarantee on the heating element?', document: handbook, expected: 'five years on the heating element' },
	{ message: 'What happens when the kettle boils dry?', document: handbook, expected: 'switches the kettle off' },
]

export const inChinese: Question[] = [
	{ message: '密码连续输错几次，账号会被锁定？', document: manual, expected: '连续输错五次密码' },
	{ message: '眼睛接触酸液后应当冲洗多久？', document: rules, expected: '不少于二十分钟' },
	{ message: '远程办公每周可以申请几天？', document: manual, expected: '每周可以申请两天远程办公' },
]

/** What none of the documents says anything about. */
export const unanswerable = ['Who won the football world cup in 1998?', '火星的直径是多少？']
