import { isHangul } from '../../text/scripts.ts'

/**
 * How much `text` looks like somebody's language, when bytes were read in a guessed encoding: 1 for each byte of what that script's texts are
 * made of, down to -1 for each of what no text has, averaged over the bytes that the encodings disagree on (in UTF-16: over all). A wrong guess
 * gives rare characters, since an encoding fills its tables with those. The lists are the commonest characters of each script.
 */
export function scoreText(text: string, encoding: string): number {
	const isWide = encoding.startsWith('utf-16')
	const isSingle = !isWide && (encoding.startsWith('windows') || encoding.startsWith('koi8'))
	const often = OFTEN.get(encoding) ?? OFTEN_ANYWHERE
	let total = 0
	let bytes = 0
	let before = 0x20
	for (let at = 0; at < text.length; at++) {
		const code = text.charCodeAt(at)
		const width = isSingle ? 1 : 2
		if (code > 0x7f) {
			total += width * scoreCharacter(code, { before, after: text.charCodeAt(at + 1), often })
			bytes += width
		} else if (isWide) {
			total += code === 0x0a || code === 0x0d || code === 0x09 || (code >= 0x20 && code < 0x7f) ? width : -width
			bytes += width
		}
		before = code
	}
	if (bytes === 0) return 0
	return total / bytes + (isWide || isSingle ? 0 : STRICTNESS)
}

/** That all pairs of bytes are valid ones is evidence too; a single-byte encoding takes anything. */
const STRICTNESS = 0.2

interface Place {
	before: number
	after: number
	often: Set<number>
}

function scoreCharacter(code: number, place: Place): number {
	const { before, after } = place
	if (COMMON.has(code)) return 1
	if (code < 0xa0 || (code >= 0xe000 && code <= 0xf8ff) || code === 0xfffd) return -1
	if (code >= 0x3041 && code <= 0x30ff) return 0.8
	if (isHangul(code)) return 0.1
	if (code >= 0x4e00 && code <= 0x9fff) return before < 0x80 && after < 0x80 ? -0.4 : 0.05
	if (code >= 0xff61 && code <= 0xff9f) return -1
	if (code >= 0x3000 && code <= 0xffef) return -0.3
	if (code >= 0xd800 && code <= 0xdfff) return -0.5
	if (isThai(code)) return scoreThai(code, before, after)
	if (isTone(code)) return VOWELS.has(before) ? 0.9 : -1
	return isLetter(code) ? scoreLetter(code, place) : scoreSign(before, after)
}

/** An alphabet's letters stand beside letters of their own script, capitals not behind small ones. */
function scoreLetter(code: number, { before, after, often }: Place): number {
	if (isUpper(code) ? isSmall(before) : isUpper(after)) return -0.6
	const script = scriptOf(code)
	const isBehind = isLetter(before)
	const isAhead = isLetter(after) || isTone(after)
	if ((isBehind && scriptOf(before) !== script) || (isLetter(after) && scriptOf(after) !== script)) return -0.6
	if (script !== LATIN) return !isBehind && !isAhead ? -0.2 : often.has(code) ? 0.9 : 0.4
	if (isMisplaced(code, isBehind, isAhead)) return -0.6
	if (code === C_CEDILLA && isAhead && !BEHIND_C_CEDILLA.has(after) && !often.has(TURKISH_I)) return -0.6
	if (!(isBehind && before < 0x80) && !(isAhead && (after < 0x80 || isTone(after))) && !VIETNAMESE.has(code)) return -0.4
	return often.has(code) ? 0.9 : 0.3
}

/** Letters that begin no word (Icelandic, Turkish), stand in none (Icelandic), end none (Portuguese, French). */
function isMisplaced(code: number, isBehind: boolean, isAhead: boolean): boolean {
	return (!isBehind && NEVER_FIRST.has(code)) || (isBehind && NEVER_INSIDE.has(code)) || (!isAhead && NEVER_LAST.has(code))
}

const isThai = (code: number): boolean => code >= 0xe01 && code <= 0xe5b

/** Vowels and tones stand above and below a consonant, some vowels before one; figures by themselves. */
function scoreThai(code: number, before: number, after: number): number {
	const isConsonant = (other: number) => other >= 0xe01 && other <= 0xe2e
	if (isConsonant(code)) return isLetter(before) || isLetter(after) ? -0.6 : isConsonant(before) && isConsonant(after) ? -0.2 : 0.5
	if (code >= 0xe40 && code <= 0xe44) return isConsonant(after) ? 0.9 : -1
	if (code >= 0xe50) return isThai(before) && before < 0xe50 ? -0.3 : 0.2
	return isThai(before) && before < 0xe40 ? 0.9 : before >= 0xe45 && before < 0xe50 ? 0.7 : -1
}

/** Of Vietnamese, as Windows writes them: behind their vowel. */
const isTone = (code: number): boolean => code >= 0x300 && code <= 0x323

/** Signs and quotes stand at words, not in them. */
const scoreSign = (before: number, after: number): number => (isLetter(before) && isLetter(after) ? -0.5 : 0.2)

const LATIN = 0
const scriptOf = (code: number): number => (code < 0x250 ? LATIN : code >> 8)

const SMALL = 1
const UPPER = 2
/** By code: letters of the alphabets that the encodings have. A table, since this runs in the server. */
const LETTERS = Uint8Array.from({ length: 0x700 }, (_, code) => {
	const isBasic = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
	if (!isBasic && (code < 0xc0 || code === 0xd7 || code === 0xf7 || (code >= 0x250 && code < 0x370))) return 0
	const letter = String.fromCharCode(code)
	return letter === letter.toLowerCase() ? SMALL : UPPER
})

const isLetter = (code: number): boolean => (LETTERS[code] ?? 0) !== 0
const isSmall = (code: number): boolean => LETTERS[code] === SMALL
const isUpper = (code: number): boolean => LETTERS[code] === UPPER

const codes = (characters: string): Set<number> => new Set([...characters].map((character) => character.charCodeAt(0)))

const VOWELS = codes('aeiouyâăêôơưAEIOUYÂĂÊÔƠƯ')
const VIETNAMESE = codes('ăâđêôơưĂÂĐÊÔƠƯ')
const NEVER_FIRST = codes('ðğ')
const NEVER_INSIDE = codes('þ')
const NEVER_LAST = codes('õûđ')

/** French and Portuguese have it before these alone, Turkish anywhere. */
const C_CEDILLA = 0xe7
const BEHIND_C_CEDILLA = codes('aouãõâóúôàáû')
const TURKISH_I = 0x131

const MARKS = '“”‘’„—–…«»'
const CYRILLIC = 'оеаинтсрвлк'
/** The letters beyond ASCII that the languages of an encoding are written with. */
const LETTERS_OF: Record<string, string> = {
	'windows-1250': 'ąęśżźćńłóščřžěýůúáíéőűöüäţşăâîđťďľň',
	'windows-1251': CYRILLIC,
	'windows-1252': 'éèàçêüöäßáíóúñãõâôîùëïœæøåðþýìò',
	'windows-1253': 'αεηικνοπρστς',
	'windows-1254': 'çğıİöşüâîûÇÖŞÜ',
	'windows-1255': 'יוהלאמרתבשנם',
	'windows-1256': 'اليمنرتبوعده',
	'windows-1257': 'ąčęėįšųūžāēģīķļņõäöü',
	'windows-1258': 'àáâãèéêìíòóôõùúýăđơư',
	'koi8-r': CYRILLIC,
	'koi8-u': CYRILLIC,
}
const OFTEN = new Map(Object.entries(LETTERS_OF).map(([encoding, letters]) => [encoding, codes(letters + MARKS)]))
const OFTEN_ANYWHERE = codes(Object.values(LETTERS_OF).join('') + MARKS)

const COMMON = codes(
	'的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔' +
		'這個們來為國時說會對發後過還開關點業將兩間問題應戰體見產東聲員論處義條氣爾別變總電數報結務場計資區隊決馬書則聽達強難權設記類據張該規領確傳師觀讓識帶導爭運與從學經當沒動進樣實軍無長機並頭給話認幾門萬覺術單親語華灣區' +
		'，。、：；「」『』（）《》！？“”‘’…·—　' +
		'のにはをがとてでたしいるれなすあうえおかきくけこさせそちつまみめもやよらりわんー・ァアィイウエオカキクケコサシスタチッテトナニネノハバパヒフブプヘベペホボマミムメモャュョラリルレロワンガギグゲゴザジズゼゾダデド' +
		'이다는을의에고가하지로사를한은리기인어서나자도대정시일그보해수과들스여아부있주전구원상제라적것으면게장조만었동안공우성선비연국계신소유오화마말무물미문내년때모생세야없와음저진트편할합않요니습러방간경관급까던또론분속실업였왔월위중직차처체최치크타터통특파포표품학행현형호회후',
)
