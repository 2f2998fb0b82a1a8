// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VaultV2} from "./VaultV2.sol";

/// @notice BAD ON PURPOSE: a deposit gets one percent more shares than it pays for, so everybody else's lose value.
contract VaultV2Inflating is VaultV2 {
    function _sharesFor(uint256 assets) internal view override returns (uint256) {
        return (super._sharesFor(assets) * 101) / 100;
    }
}
