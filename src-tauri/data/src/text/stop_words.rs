//! Words that carry little meaning, for those who ask to leave them out. Never used unless asked:
//! by default the features equal scikit-learn's with `stop_words=None`.

/// Portuguese function words, lowercase with accents: articles, prepositions and their
/// contractions, pronouns, conjunctions, common adverbs, and forms of *ser*, *estar*, *ter*,
/// *haver* and *ir*.
#[rustfmt::skip]
pub const PORTUGUESE: &[&str] = &[
    "ao", "aos", "aquela", "aquelas", "aquele", "aqueles", "aquilo", "as", "até", "com", "como",
    "contra", "da", "das", "de", "dela", "delas", "dele", "deles", "depois", "desde", "dessa",
    "dessas", "desse", "desses", "desta", "destas", "deste", "destes", "disso", "disto", "do",
    "dos", "durante", "ela", "elas", "ele", "eles", "em", "entre", "era", "eram", "essa", "essas",
    "esse", "esses", "esta", "estamos", "estar", "estas", "estava", "estavam", "este", "esteja",
    "estes", "esteve", "estive", "estou", "está", "estão", "eu", "foi", "fomos", "for", "fora",
    "foram", "fosse", "fossem", "fui", "havia", "haver", "hei", "houve", "há", "hão", "isso",
    "isto", "já", "lhe", "lhes", "mais", "mas", "me", "mesma", "mesmas", "mesmo", "mesmos", "meu",
    "meus", "minha", "minhas", "muito", "na", "nas", "nem", "nessa", "nessas", "nesse", "nesses",
    "nesta", "nestas", "neste", "nestes", "no", "nos", "nossa", "nossas", "nosso", "nossos", "num",
    "numa", "não", "nós", "os", "ou", "para", "pela", "pelas", "pelo", "pelos", "per", "perante",
    "pois", "por", "porque", "pra", "qual", "quais", "quando", "que", "quem", "se", "sem", "sendo",
    "ser", "será", "serão", "seja", "sejam", "seria", "seriam", "seu", "seus", "sido", "sob",
    "sobre", "somos", "sou", "sua", "suas", "são", "só", "também", "te", "tem", "temos", "tenha",
    "tenham", "tenho", "ter", "terá", "terão", "teve", "tinha", "tinham", "tive", "tiveram", "tu",
    "tua", "tuas", "teu", "teus", "têm", "um", "uma", "umas", "uns", "vai", "vamos", "vão", "você",
    "vocês", "vos", "vou", "às", "é", "éramos",
];

/// English function words, lowercase.
#[rustfmt::skip]
pub const ENGLISH: &[&str] = &[
    "about", "above", "after", "again", "against", "all", "also", "am", "an", "and", "any", "are",
    "as", "at", "be", "because", "been", "before", "being", "below", "between", "both", "but", "by",
    "can", "cannot", "could", "did", "do", "does", "doing", "down", "during", "each", "few", "for",
    "from", "further", "had", "has", "have", "having", "he", "her", "here", "hers", "herself",
    "him", "himself", "his", "how", "if", "in", "into", "is", "it", "its", "itself", "just", "may",
    "me", "might", "more", "most", "must", "my", "myself", "no", "nor", "not", "now", "of", "off",
    "on", "once", "only", "or", "other", "our", "ours", "ourselves", "out", "over", "own", "same",
    "shall", "she", "should", "so", "some", "such", "than", "that", "the", "their", "theirs",
    "them", "themselves", "then", "there", "these", "they", "this", "those", "through", "to",
    "too", "under", "until", "up", "very", "was", "we", "were", "what", "when", "where", "which",
    "while", "who", "whom", "why", "will", "with", "would", "you", "your", "yours", "yourself",
    "yourselves",
];
