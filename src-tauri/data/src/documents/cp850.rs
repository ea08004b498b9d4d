//! Code page 850, in which Windows wrote the names in zip archives in western Europe and Brazil
//! (<https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/PC/CP850.TXT>).

/// What 0x80 to 0xFF are.
const HIGH: &str = "\
    ÇüéâäàåçêëèïîìÄÅ\
    ÉæÆôöòûùÿÖÜø£Ø×ƒ\
    áíóúñÑªº¿®¬½¼¡«»\
    ░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
    └┴┬├─┼ãÃ╚╔╩╦╠═╬¤\
    ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀\
    ÓßÔÒõÕµþÞÚÛÙýÝ¯´\
    \u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}";

/// Every byte is a character.
pub(super) fn decode(raw: &[u8]) -> String {
    let high: Vec<char> = HIGH.chars().collect();
    let of_byte = |&byte: &u8| match byte {
        0x80.. => high[usize::from(byte) - 0x80],
        _ => char::from(byte),
    };
    raw.iter().map(of_byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_one_character() {
        assert_eq!(HIGH.chars().count(), 128);
        assert_eq!(decode(b"a\x80\x87\xE4\xFF"), "aÇçõ\u{A0}");
    }
}
