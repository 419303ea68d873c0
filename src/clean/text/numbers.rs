//! Counts → numbers for the net.

#[inline]
pub(super) fn ratio(part: u32, of: u32) -> f32 {
    if of == 0 { 0.0 } else { part as f32 / of as f32 }
}

/// About ln(1 + x) for x ≥ 0, from the float's own bits: the same on every machine, which a library's logarithm is not.
#[inline]
pub(super) fn log(x: f32) -> f32 {
    let bits = (1.0 + x).to_bits();
    (bits as f32 * (1.0 / 8_388_608.0) - 127.0) * std::f32::consts::LN_2
}

#[inline]
pub(super) fn flag(is: bool) -> f32 {
    f32::from(u8::from(is))
}
