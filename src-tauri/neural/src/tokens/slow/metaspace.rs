//! Spaces as the visible `▁`, as SentencePiece has them.

use tokenizers::decoders::DecoderWrapper;
use tokenizers::decoders::byte_fallback::ByteFallback;
use tokenizers::decoders::fuse::Fuse;
use tokenizers::decoders::sequence::Sequence as Decoders;
use tokenizers::decoders::strip::Strip;
use tokenizers::normalizers::{NormalizerWrapper, Prepend, Replace, Sequence as Normalizers};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::sequence::Sequence as PreTokenizers;
use tokenizers::pre_tokenizers::whitespace::WhitespaceSplit;
use tokenizers::{Result, Tokenizer};

const SPACE: char = '▁';

/// Words between whitespace, each with a space before it, as pieces of their own.
pub(super) fn words(tokenizer: &mut Tokenizer, begins_with_space: bool) {
    let scheme = if begins_with_space { PrependScheme::Always } else { PrependScheme::Never };
    let spaces = Metaspace::new(SPACE, scheme, true);
    let parts: Vec<PreTokenizerWrapper> = vec![WhitespaceSplit.into(), spaces.clone().into()];
    tokenizer.with_pre_tokenizer(Some(PreTokenizers::new(parts)));
    tokenizer.with_decoder(Some(spaces));
}

/// Whole texts, spaces as they are; before each a space, and before what follows a special token too
/// where it is `legacy`.
pub(crate) fn whole(
    tokenizer: &mut Tokenizer,
    begins_with_space: bool,
    legacy: bool,
) -> Result<()> {
    if legacy {
        let mut parts: Vec<NormalizerWrapper> = Vec::new();
        if begins_with_space {
            parts.push(Prepend::new(SPACE.to_string()).into());
        }
        parts.push(Replace::new(" ", SPACE.to_string())?.into());
        tokenizer.with_normalizer(Some(Normalizers::new(parts)))?;
    } else {
        let scheme = if begins_with_space { PrependScheme::First } else { PrependScheme::Never };
        tokenizer.with_pre_tokenizer(Some(Metaspace::new(SPACE, scheme, false)));
    }
    let mut parts: Vec<DecoderWrapper> = vec![
        Replace::new(SPACE.to_string(), " ")?.into(),
        ByteFallback::new().into(),
        Fuse::new().into(),
    ];
    if begins_with_space {
        parts.push(Strip::new(' ', 1, 0).into());
    }
    tokenizer.with_decoder(Some(Decoders::new(parts)));
    Ok(())
}
