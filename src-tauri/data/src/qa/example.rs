//! Questions of documents with the answers that rules found, in the form of [`crate::squad`].

use serde::Serialize;

use super::find::best;
use super::{Rule, window};

/// What is asked of a document.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The fields.
    pub rules: &'a [Rule],
    /// Characters of context on either side of an answer.
    pub window: usize,
    /// Whether questions without an answer are kept too.
    pub allow_empty: bool,
}

/// A question with its context and answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Archive, document and field.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// The part of the document around the answer.
    pub context: String,
    /// The best first; the others are those that stand in the context too.
    pub answers: Answers,
    /// Where it comes from.
    pub metadata: Metadata,
}

/// Answers beside where each begins in the context, in characters from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Answers {
    /// As they stand there.
    pub text: Vec<String>,
    /// The first character of each.
    pub answer_start: Vec<usize>,
}

/// Where an example comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// The archive.
    pub zip: String,
    /// The field that was asked for.
    pub field: String,
    /// The document within the archive.
    pub source: String,
    /// The SHA-256 of the document's text, where a person judged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// One example for each field that the document has; of fields that it has not, one without answers, about
/// the document's beginning, if those are wanted.
#[must_use]
pub fn examples(zip: &str, source: &str, text: &str, asked: Asked) -> Vec<Example> {
    let of_rule = |rule: &Rule| {
        let candidates = rule.candidates(text);
        let found = best(&candidates);
        if found.is_none() && !asked.allow_empty {
            return None;
        }
        let beginning = text.len() - text.trim_start().len();
        let around = match found {
            Some(best) => window(text, best.at.clone(), asked.window),
            None => window(text, beginning..beginning, 2 * asked.window),
        };
        let mut answers = Answers::default();
        let others = candidates.iter().filter(|one| Some(*one) != found);
        for one in found.into_iter().chain(others) {
            if around.start <= one.at.start && one.at.end <= around.end {
                answers.text.push(text[one.at.clone()].to_owned());
                answers.answer_start.push(text[around.start..one.at.start].chars().count());
            }
        }
        Some(Example {
            id: format!("{zip}/{source}#{}", rule.name),
            question: rule.question.clone(),
            context: text[around].to_owned(),
            answers,
            metadata: Metadata {
                zip: zip.to_owned(),
                field: rule.name.clone(),
                source: source.to_owned(),
                document: None,
            },
        })
    };
    asked.rules.iter().filter_map(of_rule).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{BRAZILIAN, read};
    use super::*;

    fn found(text: &str) -> Vec<(String, Vec<String>)> {
        let rules = read(BRAZILIAN).unwrap();
        let asked = Asked { rules: &rules, window: 80, allow_empty: false };
        let all = examples("z.zip", "d.html", text, asked);
        for one in &all {
            for (text, start) in one.answers.text.iter().zip(&one.answers.answer_start) {
                let chars: Vec<char> = one.context.chars().collect();
                assert!(chars[*start..].iter().collect::<String>().starts_with(text.as_str()));
            }
        }
        all.into_iter().map(|one| (one.metadata.field, one.answers.text)).collect()
    }

    fn of(field: &str, text: &str) -> Option<Vec<String>> {
        found(text).into_iter().find(|(name, _)| name == field).map(|(_, answers)| answers)
    }

    #[test]
    fn each_field_is_found_in_the_words_that_documents_have() {
        for (field, text, answer) in [
            (
                "processo_cnj",
                "Autos nº 0001327-64.2018.8.26.0158, da 2ª Vara",
                "0001327-64.2018.8.26.0158",
            ),
            ("processo_sei", "Processo SEI nº 00001.000120/2018-10.", "00001.000120/2018-10"),
            ("autor", "AUTOR: Maria de Souza e Silva, brasileira", "Maria de Souza e Silva"),
            ("autor", "Requerente : João D'Ávila\nRequerido: X", "João D'Ávila"),
            ("autor", "APELANTE: MAPFRE SEGURADORA S/A - APELADO: X", "MAPFRE SEGURADORA S/A"),
            ("reu", "Requerida:\nBanco do Povo S.A.\nVistos", "Banco do Povo S.A."),
            ("data", "Brasília, 3 de março de 2021. Data: 31/02/2022", "3 de março de 2021"),
            ("valor_causa", "Dá-se à causa o valor de R$ 12.345,67.", "R$ 12.345,67"),
            ("valor", "no total de R$ 1.000,00, mais", "R$ 1.000,00"),
            ("cpf", "inscrito no CPF sob o nº 529.982.247-25", "529.982.247-25"),
            ("cnpj", "CNPJ/MF 11.222.333/0001-81", "11.222.333/0001-81"),
            (
                "vara",
                "Juízo da 2ª Vara Cível da Comarca de São Paulo.",
                "2ª Vara Cível da Comarca de São Paulo",
            ),
            (
                "tribunal",
                "perante o Tribunal de Justiça do Estado da Bahia, o",
                "Tribunal de Justiça do Estado da Bahia",
            ),
            ("juiz", "Juíza de Direito: Dra. Ana Paula M. Reis\nVistos", "Ana Paula M. Reis"),
            ("relator", "RELATOR : MIN. RICARDO LEWANDOWSKI\nAGTE", "RICARDO LEWANDOWSKI"),
            (
                "perito",
                "nomeio como perito o Dr. Carlos Alberto Nunes, que",
                "Carlos Alberto Nunes",
            ),
            ("perito", "Perita judicial: Lia Prado", "Lia Prado"),
        ] {
            assert_eq!(
                of(field, text).as_deref(),
                Some(&[answer.to_owned()][..]),
                "{field}: {text}"
            );
        }
    }

    #[test]
    fn what_only_looks_like_it_is_left_out() {
        assert_eq!(of("cpf", "CPF 529.982.247-26"), None, "a digit is wrong");
        assert_eq!(of("processo_cnj", "0001327-65.2018.8.26.0158"), None, "a digit is wrong");
        assert_eq!(of("perito", "a perícia foi feita por Lia Prado"), None);
        assert_eq!(of("reu", "os requeridos não vieram"), None);
        assert_eq!(of("data", "autos 0012843-03.2015.8.07.0001"), None, "part of a number");
        assert_eq!(of("juiz", "o Juiz Federal da Seção Judiciária de Sergipe"), None);
        assert_eq!(of("relator", "Relator: SILVANIO BARBOSA DOS\nSANTOS"), None, "half a name");
    }

    #[test]
    fn the_nearest_to_its_anchor_is_the_answer_and_others_in_the_context_count_too() {
        let rules = "[[field]]\nname = \"n\"\nquestion = \"?\"\npattern = '\\d+'\nanchors = [\"nº\"]\nreach = 9";
        let rules = read(rules).unwrap();
        let asked = Asked { rules: &rules, window: 9, allow_empty: false };
        let text = "de 1990, o nº do 7 e o nº 12 (ou nº 13) e mais nº 99";
        let all = examples("z", "d", text, asked);
        assert_eq!(all[0].context, "7 e o nº 12 (ou nº");
        assert_eq!(all[0].answers.text, ["12", "7"]);
        assert_eq!(all[0].answers.answer_start, [9, 0]);
        assert_eq!(all[0].id, "z/d#n");
        let none = Asked { allow_empty: true, ..asked };
        let all = examples("z", "d", "nada que se conte aqui hoje", none);
        assert_eq!((all[0].answers.text.len(), all[0].context.as_str()), (0, "nada que se conte"));
    }

    #[test]
    fn rules_that_are_none_are_refused_by_name() {
        let field =
            |pattern: &str| format!("[[field]]\nname=\"a\"\nquestion=\"?\"\npattern='{pattern}'\n");
        assert_eq!(read(&field("(")).unwrap_err().field, "a");
        assert!(read(&field("x{1000}{1000}")).is_err());
        assert_eq!(read(&field("x").repeat(2)).unwrap_err().field, "a");
        assert!(read(&format!("{}anchor = []", field("x"))).is_err());
    }
}
