/** Paragraphs in the encodings that files without a mark are in: [encoding, language, paragraphs]. */
export const encodedTexts: [encoding: string, language: string, paragraphs: string[]][] = [
	[
		'gb18030',
		'Chinese',
		[
			'公司年度股东大会将于下月十五日在总部三楼会议室召开，请各位股东准时出席。会议将审议董事会工作报告、财务决算报告以及利润分配方案。',
			'根据《中华人民共和国劳动合同法》的规定，用人单位应当自用工之日起一个月内与劳动者订立书面劳动合同，并按月支付工资。',
			'昨天下午我们去了西湖，天气很好，湖边的柳树已经发芽了，许多老人在亭子里下棋、喝茶，孩子们在草地上放风筝。',
		],
	],
	[
		'gb18030',
		'Chinese with characters of four bytes',
		[
			'户籍登记中常见的生僻字如㐂、㑇、㛃、䶮、㼆，系统应当能够正确保存和显示，不得用其他文字代替。',
			'居民㛃某某与䶮某某于本月提交了申请，窗口工作人员核对了姓名中的汉字，并在系统中做了登记，随后发放了新的证件。',
		],
	],
	[
		'big5',
		'Traditional Chinese',
		[
			'本院審理後認為，原告的請求有理由，應予准許。被告應於判決確定之日起三十日內給付原告新臺幣五十萬元及利息。',
			'臺北市政府今天宣布，明年起將擴大補助老舊公寓裝設電梯，預計每年可以協助兩百棟建築物完成工程。',
			'小時候我常常跟著祖父到田裡工作，他總是說，種田的人要看天吃飯，可是更要看自己的雙手。',
		],
	],
	[
		'shift_jis',
		'Japanese',
		[
			'本システムは、利用者が登録した文書を自動的に分類し、必要な情報をすばやく検索できるようにするものです。ログインには社員番号が必要です。',
			'昨日の会議では、来年度の予算案について話し合いました。部長からは、経費をもう少し減らすことができないかという質問がありました。',
			'春になると、川沿いの桜がいっせいに咲きます。祖母は毎年お弁当を作って、家族みんなで花見に出かけました。',
		],
	],
	[
		'euc-jp',
		'Japanese',
		[
			'この文書では、ソフトウェアの導入方法と設定の手順を説明します。最初に、管理者の権限で端末を開いてください。',
			'大学の図書館は平日の午前九時から午後八時まで開いています。貸し出しの期間は二週間で、延長することもできます。',
			'駅前の商店街には、昔ながらの豆腐屋や八百屋が並んでいて、夕方になると買い物客でにぎわいます。',
		],
	],
	[
		'euc-kr',
		'Korean',
		[
			'이 보고서는 지난 삼 개월 동안의 판매 실적을 정리한 것입니다. 전체 매출은 작년 같은 기간보다 십이 퍼센트 증가하였습니다.',
			'회의는 다음 주 수요일 오후 두 시에 본사 대회의실에서 열릴 예정이니 모든 팀장은 반드시 참석하여 주시기 바랍니다.',
			'어제는 친구와 함께 한강 공원에 갔습니다. 날씨가 맑아서 많은 사람들이 자전거를 타거나 잔디밭에 앉아 이야기를 나누고 있었습니다.',
		],
	],
	[
		'windows-1250',
		'Polish',
		[
			'Zarząd spółki przedstawił roczne sprawozdanie finansowe oraz projekt uchwały o podziale zysku. Walne zgromadzenie zatwierdziło obydwa dokumenty większością głosów.',
			'W piątek po południu spadł śnieg i wszyscy mieszkańcy wsi wyszli na drogę, żeby odśnieżyć przejście do szkoły i do sklepu.',
		],
	],
	[
		'windows-1250',
		'Czech',
		[
			'Městský úřad oznamuje občanům, že od pondělí bude z důvodu rekonstrukce vodovodu uzavřena hlavní ulice. Řidiči musí použít objížďku přes náměstí.',
			'Když jsem byl malý kluk, jezdili jsme každé léto k babičce na venkov, kde měla velkou zahradu plnou jabloní a třešní.',
		],
	],
	[
		'windows-1250',
		'Hungarian',
		[
			'A közgyűlés elfogadta az előző évi költségvetésről szóló jelentést, és döntött a következő időszak legfontosabb beruházásairól.',
			'Az idős nő minden reggel korán kelt, megfőzte a kávét, és leült az ablakhoz, hogy nézze az első villamost.',
		],
	],
	[
		'windows-1250',
		'Romanian',
		[
			'Primăria anunţă că lucrările de modernizare a străzii vor începe în luna mai şi vor dura aproximativ şase săptămâni.',
			'În fiecare dimineaţă, bunicul îşi lua pălăria şi ieşea în grădină să vadă dacă florile au nevoie de apă.',
		],
	],
	[
		'windows-1250',
		'Croatian',
		[
			'Gradsko vijeće donijelo je odluku o obnovi škole i dječjeg vrtića, a radovi će početi već sljedećeg mjeseca.',
			'Svake večeri sjedili smo na obali mora, pričali priče i čekali da se ribari vrate kući s punim mrežama.',
		],
	],
	[
		'windows-1251',
		'Russian',
		[
			'Настоящий договор вступает в силу с момента подписания и действует до полного исполнения сторонами своих обязательств. Все изменения оформляются в письменной форме.',
			'Зимой в деревне рано темнело, и дети собирались у печки, чтобы послушать, как дедушка рассказывает о своём детстве.',
		],
	],
	[
		'windows-1251',
		'Ukrainian',
		[
			'Міська рада повідомляє, що з першого числа наступного місяця змінюється графік роботи центру надання адміністративних послуг.',
			'Щоранку бабуся виходила на подвір’я, годувала курей і дивилася, чи не йде з поля її онук.',
		],
	],
	[
		'windows-1251',
		'Bulgarian',
		['Общинският съвет прие бюджета за следващата година, като най-много средства са предвидени за ремонт на училищата и пътищата.'],
	],
	[
		'windows-1252',
		'French',
		[
			'Le présent règlement définit les conditions générales applicables à l’ensemble des salariés. Il entrera en vigueur dès sa publication et sera affiché à l’entrée des locaux.',
			'Cet été-là, nous étions allés chez ma grand-mère, près de la forêt, où l’on entendait très tôt le chant des oiseaux.',
		],
	],
	[
		'windows-1252',
		'German',
		[
			'Die Geschäftsführung hat beschlossen, die Arbeitszeiten für die Beschäftigten im Außendienst künftig flexibler zu gestalten. Näheres regelt eine Betriebsvereinbarung.',
			'Früher fuhren wir jedes Jahr über die Brücke zu den Großeltern, die ein kleines Häuschen mit einem schönen Gärtchen hatten.',
		],
	],
	[
		'windows-1252',
		'Spanish',
		[
			'El ayuntamiento aprobó ayer la construcción de un nuevo polideportivo, que estará situado junto a la estación y abrirá el próximo año.',
			'Cuando éramos niños, mi abuela nos contaba historias del pueblo mientras preparaba el café en la pequeña cocina.',
		],
	],
	[
		'windows-1252',
		'Portuguese',
		[
			'A reunião do conselho realizar-se-á na próxima terça-feira, às dez horas, para discussão das alterações ao orçamento e das inscrições.',
			'As crianças não podiam sair sem a permissão da mãe, mas à tarde iam até à praça comprar pão e maçãs.',
		],
	],
	[
		'windows-1252',
		'Swedish',
		[
			'Kommunen meddelar att badhuset håller stängt under våren på grund av omfattande renoveringar, och att det åter öppnar först i början av augusti.',
		],
	],
	[
		'windows-1252',
		'Danish',
		['Bestyrelsen besluttede på mødet i går, at kontingentet for næste år skal være uændret, og at der skal købes nye både til børnene.'],
	],
	[
		'windows-1252',
		'Icelandic',
		['Það er að sjálfsögðu mjög mikilvægt að allir íbúar bæjarins geti tekið þátt í umræðunni um framtíð skólans og þróun hverfisins.'],
	],
	[
		'windows-1252',
		'Italian',
		[
			'Il consiglio comunale si riunirà lunedì prossimo perché la proposta della giunta è stata rinviata; però i lavori della città cominceranno così com’era previsto.',
		],
	],
	[
		'windows-1253',
		'Greek',
		[
			'Το δημοτικό συμβούλιο αποφάσισε την ανακαίνιση του σχολείου και της βιβλιοθήκης, ενώ οι εργασίες θα ξεκινήσουν τον επόμενο μήνα.',
			'Κάθε καλοκαίρι πηγαίναμε στο νησί, όπου ο παππούς μου είχε ένα μικρό σπίτι κοντά στη θάλασσα.',
		],
	],
	[
		'windows-1254',
		'Turkish',
		[
			'Belediye meclisi, şehir merkezindeki eski çarşının yenilenmesine karar verdi; çalışmaların önümüzdeki ay başlaması ve kış gelmeden bitirilmesi bekleniyor.',
			'Çocukken her yaz dedemin köyüne giderdik, akşamları bahçede oturur, yıldızlara bakar ve onun anlattığı hikâyeleri dinlerdik.',
		],
	],
	[
		'windows-1255',
		'Hebrew',
		[
			'מועצת העיר אישרה אתמול את התקציב לשנה הבאה, והחליטה להקצות סכום נוסף לשיפוץ בתי הספר ולבניית ספרייה חדשה.',
			'בכל קיץ נסענו אל סבא וסבתא בכפר, ישבנו בחצר עד שעה מאוחרת והקשבנו לסיפורים על הימים הראשונים.',
		],
	],
	[
		'windows-1256',
		'Arabic',
		[
			'قرر مجلس المدينة إعادة بناء السوق القديم في وسط البلد، ومن المتوقع أن تبدأ الأعمال في الشهر القادم وأن تنتهي قبل نهاية العام.',
			'كنا نسافر كل صيف إلى قرية جدي، حيث كان يملك بيتا صغيرا قرب النهر، ونجلس في المساء لنستمع إلى حكاياته الطويلة.',
		],
	],
	[
		'windows-1257',
		'Lithuanian',
		[
			'Savivaldybės taryba nusprendė, kad kitais metais bus atnaujinta miesto mokykla ir pastatytas naujas vaikų darželis. Darbai prasidės gegužės mėnesį.',
			'Kiekvieną vasarą važiuodavome pas močiutę į kaimą, kur žydėjo didelis obelų sodas, o vakarais šnekėdavomės prie laužo.',
		],
	],
	[
		'windows-1257',
		'Latvian',
		[
			'Pilsētas dome nolēma, ka nākamajā gadā tiks atjaunota vecā skola un uzcelts jauns bērnudārzs. Darbi sāksies maijā un ilgs aptuveni sešus mēnešus.',
			'Katru vasaru mēs braucām pie vecmāmiņas uz laukiem, kur viņai bija liels ābeļu dārzs un daudz ziedu.',
		],
	],
	[
		'windows-1257',
		'Estonian',
		[
			'Linnavolikogu otsustas eile, et järgmisel aastal ehitatakse uus šokolaadivabrik, kuhu võetakse tööle üle kahesaja inimese; žürii valis välja kõige parema töö.',
		],
	],
	[
		'windows-1258',
		'Vietnamese',
		[
			'Hội đồng thành phố đã quyết định xây dựng một trường học mới ở phía bắc, công việc sẽ được bắt đầu vào tháng tới và kéo dài khoảng sáu tháng.',
			'Mỗi mùa hè chúng tôi về quê thăm bà ngoại, ngồi dưới gốc cây đa nghe bà kể những câu chuyện ngày xưa về người dân trong làng.',
		],
	],
	[
		'windows-874',
		'Thai',
		[
			'สภาเทศบาลเมืองมีมติอนุมัติงบประมาณประจำปี เพื่อปรับปรุงโรงเรียนและห้องสมุดประชาชน โดยจะเริ่มดำเนินการในเดือนหน้า',
			'ทุกปีในช่วงฤดูร้อน พวกเราจะเดินทางไปเยี่ยมคุณยายที่บ้านสวน ตอนเย็นก็นั่งฟังเรื่องเล่าเก่า ๆ ริมแม่น้ำด้วยกัน',
		],
	],
	[
		'koi8-r',
		'Russian',
		[
			'Администрация города сообщает, что с первого сентября изменится расписание автобусов. Подробности можно узнать на сайте или по телефону.',
			'Каждое лето мы ездили к бабушке в деревню, где пахло сеном и яблоками, а по вечерам пили чай на веранде.',
		],
	],
	[
		'koi8-u',
		'Ukrainian',
		['Кожного літа ми їздили до бабусі в село, де її хата стояла біля річки, і ввечері слухали, як вона співає старовинні пісні.'],
	],
	[
		'utf-16le',
		'German',
		[
			'Die Mitglieder des Vereins treffen sich jeden zweiten Dienstag im Gemeindehaus, um über die Pläne für das kommende Jahr zu sprechen.',
		],
	],
	['utf-16be', 'Japanese', ['来年の春に新しい駅が完成する予定で、周辺では住宅の建設が進んでいます。市の人口も少しずつ増えています。']],
	['utf-16le', 'Chinese', ['会议决定成立专门小组，负责协调各部门之间的工作，并在年底之前向董事会提交书面报告。']],
	['utf-16be', 'Russian', ['Комиссия проверила документы и приняла решение о выдаче разрешения на строительство нового здания.']],
]
