// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Put in place of a sender's code for one eth_call, it tries many calls as that sender and says what came of each. A call
/// that changes something is made inside one that always reverts, so that the next finds the state untouched.
contract Prober {
    struct Try {
        address to;
        bytes data;
    }

    /// Gas for each: a loop without end must not use up what the others need.
    uint256 private constant SHARE = 3_000_000;

    /// 0: fails. 1: succeeds without changing anything. 2: succeeds only because it may change state.
    function attempts(Try[] calldata tries) external returns (bytes memory verdicts) {
        verdicts = new bytes(tries.length);
        for (uint256 i = 0; i < tries.length; i++) {
            (bool reads,) = tries[i].to.staticcall{gas: SHARE}(tries[i].data);
            if (reads) {
                verdicts[i] = 0x01;
                continue;
            }
            try this.undone(tries[i].to, tries[i].data) {}
            catch (bytes memory answer) {
                if (answer.length == 1 && answer[0] == 0x01) verdicts[i] = 0x02;
            }
        }
    }

    /// Always reverts: with one byte, 1 where the call went through. The call comes from this address, which is the sender's.
    function undone(address to, bytes calldata data) external {
        (bool success,) = to.call{gas: SHARE}(data);
        bytes1 verdict = success ? bytes1(0x01) : bytes1(0x00);
        assembly {
            mstore(0, verdict)
            revert(0, 1)
        }
    }
}
