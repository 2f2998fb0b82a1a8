// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Put in place of a sender's code for one eth_call, it makes many calls as that sender and says what came of each. A call
/// that may change something is made inside one that always reverts, so that the next finds the state untouched.
///
/// Written by hand, because a node runs it for every one of thousands of calls: its own steps are to be few beside theirs.
///
/// It is told: 1 byte (1: answers, 2: attempts), 2 bytes of how many calls, 31 bytes a call, then what the calls share. A
/// call is 20 bytes of the address, 1 of how many of the next count, 4 with which its data begins, and of the rest 3 bytes
/// of its place in what is shared and 3 of its length.
///
/// Answers: for each call 4 bytes of how many follow, and a byte of 1 and what the call gave, or nothing where it failed.
/// Attempts: a byte for each call. 0: fails. 1: succeeds without changing anything. 2: succeeds only because it may.
contract Prober {
    /// Whoever pays or tells the sender something succeeds, as with an account that has no code.
    fallback() external payable {
        assembly {
            // Gas for each question: half a block. For each try: a loop without end must not use up what the others need.
            function share(kind) -> amount {
                amount := 30000000
                if eq(kind, 4) { amount := 3000000 }
            }

            if iszero(eq(caller(), address())) { stop() }
            let kind := byte(0, calldataload(0))

            // Itself again, for one call: 1 byte (3 or 4), 20 of the address, its data. Always reverts, with what came of it.
            if gt(kind, 2) {
                let length := sub(calldatasize(), 21)
                calldatacopy(0, 21, length)
                let success := call(share(kind), shr(96, calldataload(1)), 0, 0, length, 0, 0)
                mstore8(0, success)
                returndatacopy(1, 0, returndatasize())
                revert(0, add(returndatasize(), 1))
            }

            let end := add(3, mul(and(0xffff, shr(232, calldataload(0))), 31))
            // Behind the longest message that could be put together from what was told.
            let results := add(calldatasize(), 64)
            let next := results
            mstore8(32, add(kind, 2))
            for { let at := 3 } lt(at, end) { at := add(at, 31) } {
                let one := calldataload(at)
                let head := byte(20, one)
                let tail := and(0xffffff, shr(8, one))
                mstore(33, one)
                mstore(53, shl(168, one))
                calldatacopy(add(53, head), add(end, and(0xffffff, shr(32, one))), tail)
                let length := add(head, tail)

                switch kind
                case 1 {
                    pop(call(gas(), address(), 0, 32, add(length, 21), 0, 0))
                    let size := 0
                    // Nothing comes back only where the gas was not enough.
                    if returndatasize() {
                        returndatacopy(0, 0, 1)
                        size := mul(returndatasize(), byte(0, mload(0)))
                    }
                    mstore(next, shl(224, size))
                    returndatacopy(add(next, 4), 0, size)
                    next := add(next, add(4, size))
                }
                default {
                    switch staticcall(3000000, shr(96, one), 53, length, 0, 0)
                    case 1 { mstore8(next, 1) }
                    default {
                        pop(call(gas(), address(), 0, 32, add(length, 21), 0, 1))
                        mstore8(next, mul(2, mul(gt(returndatasize(), 0), byte(0, mload(0)))))
                    }
                    next := add(next, 1)
                }
            }
            return(results, sub(next, results))
        }
    }
}
