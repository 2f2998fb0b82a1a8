// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Judges a catalogue of invariants inside one eth_call, and answers with verdicts rather than values. It runs by state
/// override, or deployed, and has no state and no power either way. A node spends a third of its time on what is written
/// here, and the rest on what it calls: what most entries take is written out, without functions.
///
/// Asked with: gas for each read (4 bytes) | where in the catalogue the first entry starts (3) | entries to judge (3) |
/// pieces (1), and 0x80 where every value is to be told | an address for each piece, whose code is 00 and a part of the
/// catalogue (20 each) | the catalogue's rest.
///
/// A plain entry, which most are, compares one read of an unsigned integer with one limit: its length (2 bytes) | 00 |
/// verdicts below, at and above the limit (3) | bits of the integer, less 1 (1) | 256 - 8n (1) | address (20) | size (1) |
/// calldata (size) | the limit, big-endian (n, 1 to 31).
/// Plain entries that differ by their address and arguments alone can have a shape, one of those that the catalogue
/// begins with: 0x80 and the shape's number (1) | address (20) | the words after the selector without the zeros they begin
/// with: n (1), bytes. A shape: verdicts below, at and above the limit (3) | bits of the integer, less 1 (1) | size of the
/// calldata (1) | selector (4) | 23 zeros | the limit (32).
/// Any other: its length (2) | flags (1): 0x80 its value is signed, 0x20 it has a second limit, above the first, 0x01 |
/// verdicts below, at and above the first limit; or below and at the first, between them, at and above the second (5) |
/// where its operations begin (1) | 256 - 8n (1) | 256 - 8m (1) | the first limit, two's complement (n, 1 to 32) | the
/// second (m) | operations.
/// A verdict: 1 pass, 2 fail, 3 inconclusive, and 4 more where the value is told.
///
/// Operations work on a stack of 256-bit words; what stands there at the end is the value.
///   0a bits address | size (1) | calldata (size): an unsigned integer, of so many bits and 1, that the call answers
///   01 flags bits address | size (2) | calldata (size): a word of what the call answers
///   02 flags bits address | size (2) | selector (4), and the words after it without the zeros they begin with: n (1), bytes
///      flags: 0x80 signed; 0x20 it stands at the left, as bytesn does; 0x40 at the end comes which word of the answer (1
///      byte), and how many it has at least (1). bits: how many it has, less 1. Another word than such a one is no answer.
///   03 address: balance.  04 address: EXTCODEHASH.  05: the block's time.  06 n (1), bytes (n): that number
///   07 flags: a - b; 0x02 a is signed, 0x01 b is signed; the result is.  08 flags: a * 10,000 / b, towards zero, the same
///      flags, signed where either is.  09 n: 1 where a and b have the same lowest n bytes, and 0.
///
/// Answers: entries judged (4 bytes) | values told (4) | the block's time (8) | gas used (8) | 8 zeros | a byte for each
/// entry, filled up to words: its verdict, or 0 where there is none | values: which entry (4), the word (32). It stops
/// before an entry that it has not the gas for; whoever asked goes on from there.
contract Evaluator {
    fallback() external {
        assembly {
            // Memory: 0x00 an answer's word or a value, 0x20 gas for a read, 0x40 gas there must be before one, 0x60 gas at the
            // start, 0x80 4 where all values are told, 0xa0 where the answer begins, 0xc0 where values begin, 0x100 to 0x200
            // stack, 0x200 calldata that was packed, 0x2200 catalogue, then the answer.
            function integer(p) -> value, next {
                let size := byte(0, mload(p))
                value := shr(shl(3, sub(32, size)), mload(add(p, 1)))
                next := add(add(p, 1), size)
            }

            // The arguments of calldata that has so many bytes.
            function unpacked(p, size) -> next {
                next := p
                for { let to := 0x204 } lt(to, add(0x200, size)) { to := add(to, 32) } {
                    let word
                    word, next := integer(next)
                    mstore(to, word)
                }
            }

            function typed(word, flags, bits) -> ok, value {
                value := word
                switch and(flags, 0xa0)
                case 0 { ok := iszero(shr(bits, word)) }
                case 0x20 {
                    value := shr(sub(256, bits), word)
                    ok := eq(shl(sub(256, bits), value), word)
                }
                default { ok := eq(signextend(sub(shr(3, bits), 1), word), word) }
            }

            // `ok` is 2 where gas runs short.
            function readOperation(p) -> ok, value, next {
                let head := mload(p)
                let size := and(shr(56, head), 0xffff)
                let input := add(p, 25)
                switch byte(0, head)
                case 1 { next := add(input, size) }
                default {
                    mstore(0x200, mload(input))
                    next := unpacked(add(input, 4), size)
                    input := 0x200
                }
                let from := 0
                let least := 32
                if and(byte(1, head), 0x40) {
                    from := shl(5, byte(0, mload(next)))
                    least := shl(5, byte(1, mload(next)))
                    next := add(next, 2)
                }
                if lt(gas(), mload(0x40)) {
                    ok := 2
                    leave
                }
                if iszero(staticcall(mload(0x20), shr(72, head), input, size, 0, 0)) { leave }
                if lt(returndatasize(), least) { leave }
                returndatacopy(0, from, 32)
                ok, value := typed(mload(0), byte(1, head), add(byte(2, head), 1))
            }

            // What seldom occurs.
            function otherOperation(p) -> ok, value, next {
                ok := 1
                let head := mload(p)
                switch byte(0, head)
                case 3 {
                    value := balance(shr(88, head))
                    next := add(p, 21)
                }
                case 4 {
                    value := extcodehash(and(shr(88, head), sub(shl(160, 1), 1)))
                    next := add(p, 21)
                }
                case 6 { value, next := integer(add(p, 1)) }
                default { ok, value, next := readOperation(p) }
            }

            mstore(0x60, gas())
            let p := 0x2200
            let count
            let place
            {
                let head := calldataload(0)
                let share := shr(224, head)
                mstore(0x20, share)
                // The EVM keeps a 64th back, and what follows the call needs some.
                mstore(0x40, add(add(share, div(share, 60)), 20000))
                mstore(0x80, and(shr(5, byte(10, head)), 4))
                count := and(shr(176, head), 0xffffff)
                place := p
                let from := 11
                for { let pieces := and(byte(10, head), 0x7f) } pieces { pieces := sub(pieces, 1) } {
                    let piece := shr(96, calldataload(from))
                    let size := extcodesize(piece)
                    if iszero(size) { revert(0, 0) }
                    extcodecopy(piece, place, 1, sub(size, 1))
                    place := add(place, sub(size, 1))
                    from := add(from, 20)
                }
                calldatacopy(place, from, sub(calldatasize(), from))
                // 64 zeros: a word may be read across the end.
                place := add(add(place, sub(calldatasize(), from)), 64)
                p := add(p, and(shr(200, head), 0xffffff))
            }
            mstore(0xa0, place)
            place := add(place, 32)
            let values := add(place, and(add(count, 31), not(31)))
            mstore(0xc0, values)
            for { let last := add(place, count) } lt(place, last) {} {
                if lt(gas(), mload(0x40)) { break }
                let entry := mload(p)
                let verdict := 0
                let form := byte(2, entry)
                if shr(255, entry) { form := 0x80 }
                switch form
                case 0x80 {
                    let at := add(0x2200, shl(6, and(byte(0, entry), 0x7f)))
                    let shape := mload(at)
                    let size := byte(4, shape)
                    mstore(0x200, shl(40, shape))
                    p := unpacked(add(p, 21), size)
                    if staticcall(mload(0x20), shr(88, entry), 0x200, size, 0, 32) {
                        let value := mload(0)
                        if iszero(or(lt(returndatasize(), 32), shr(add(byte(3, shape), 1), value))) {
                            let limit := mload(add(at, 32))
                            verdict := or(byte(add(1, sub(gt(value, limit), lt(value, limit))), shape), mload(0x80))
                        }
                    }
                    entry := 0
                }
                case 0 {
                    let size := byte(28, entry)
                    if staticcall(mload(0x20), shr(32, entry), add(p, 29), size, 0, 32) {
                        let value := mload(0)
                        if iszero(or(lt(returndatasize(), 32), shr(add(byte(6, entry), 1), value))) {
                            let limit := shr(byte(7, entry), mload(add(add(p, 29), size)))
                            verdict := or(byte(add(4, sub(gt(value, limit), lt(value, limit))), entry), mload(0x80))
                        }
                    }
                }
                default {
                    let end := add(p, shr(240, entry))
                    let at := add(p, byte(8, entry))
                    let top := 0x100
                    let value := 0
                    // Left early where there is no value; `end` is 0 where gas runs short.
                    for {} lt(at, end) {} {
                        let head := mload(at)
                        switch byte(0, head)
                        case 10 {
                            if lt(gas(), mload(0x40)) {
                                end := 0
                                break
                            }
                            mstore(top, value)
                            top := add(top, 32)
                            let size := byte(22, head)
                            if iszero(staticcall(mload(0x20), shr(80, head), add(at, 23), size, 0, 32)) { break }
                            value := mload(0)
                            if or(lt(returndatasize(), 32), shr(add(byte(1, head), 1), value)) { break }
                            at := add(add(at, 23), size)
                        }
                        case 5 {
                            mstore(top, value)
                            top := add(top, 32)
                            value := timestamp()
                            at := add(at, 1)
                        }
                        case 7 {
                            // The result as 512 bits: 256 must hold it.
                            top := sub(top, 32)
                            let a := mload(top)
                            let high := mul(and(byte(1, head), 1), shr(255, value))
                            high := sub(high, mul(shr(1, byte(1, head)), shr(255, a)))
                            high := sub(high, lt(a, value))
                            value := sub(a, value)
                            if iszero(eq(high, sar(255, value))) { break }
                            at := add(at, 2)
                        }
                        case 8 {
                            top := sub(top, 32)
                            let a := mload(top)
                            let isNegative := 0
                            if byte(1, head) {
                                if and(shr(1, byte(1, head)), shr(255, a)) {
                                    a := sub(0, a)
                                    isNegative := 1
                                }
                                if and(and(byte(1, head), 1), shr(255, value)) {
                                    value := sub(0, value)
                                    isNegative := iszero(isNegative)
                                }
                            }
                            if or(iszero(value), gt(a, div(not(0), 10000))) { break }
                            value := div(mul(a, 10000), value)
                            if byte(1, head) {
                                if shr(255, value) { break }
                                if isNegative { value := sub(0, value) }
                            }
                            at := add(at, 2)
                        }
                        case 9 {
                            top := sub(top, 32)
                            value := iszero(shl(sub(256, shl(3, byte(1, head))), xor(mload(top), value)))
                            at := add(at, 2)
                        }
                        default {
                            mstore(top, value)
                            top := add(top, 32)
                            let ok, next
                            ok, value, next := otherOperation(at)
                            if iszero(eq(ok, 1)) {
                                if ok { end := 0 }
                                break
                            }
                            at := next
                        }
                    }
                    if iszero(end) { break }
                    if eq(at, end) {
                        mstore(0, value)
                        // Signed numbers are in order once their highest bit is turned.
                        let bias := shl(255, shr(7, byte(2, entry)))
                        value := xor(value, bias)
                        let limit := xor(shr(byte(9, entry), mload(add(p, 11))), bias)
                        let region := add(4, sub(gt(value, limit), lt(value, limit)))
                        if and(byte(2, entry), 0x20) {
                            let shift := byte(10, entry)
                            limit := shr(shift, shl(shift, mload(sub(add(p, byte(8, entry)), 32))))
                            limit := xor(limit, bias)
                            region := add(region, add(gt(value, limit), iszero(lt(value, limit))))
                        }
                        verdict := or(byte(region, entry), mload(0x80))
                    }
                }
                p := add(p, shr(240, entry))
                mstore8(place, verdict)
                if and(verdict, 4) {
                    mstore(values, shl(224, sub(sub(place, mload(0xa0)), 32)))
                    mstore(add(values, 4), mload(0))
                    values := add(values, 36)
                }
                place := add(place, 1)
            }
            let counts := or(shl(224, sub(sub(place, mload(0xa0)), 32)), shl(192, div(sub(values, mload(0xc0)), 36)))
            mstore(mload(0xa0), or(counts, or(shl(128, timestamp()), shl(64, sub(mload(0x60), gas())))))
            return(mload(0xa0), sub(values, mload(0xa0)))
        }
    }
}
