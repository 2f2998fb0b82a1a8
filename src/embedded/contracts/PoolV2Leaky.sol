// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PoolV2} from "./PoolV2.sol";

/// @notice BAD ON PURPOSE: welcomes every deposit with five percent on top that nobody pays, so it owes more than it has.
contract PoolV2Leaky is PoolV2 {
    function _credit(uint256 assets) internal pure override returns (uint256) {
        return assets + assets / 20;
    }
}
