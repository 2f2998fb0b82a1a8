// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pool} from "./Pool.sol";

/// @notice Doubles the borrowing fee and says how much of the deposits is lent out.
contract PoolV2 is Pool {
    function version() external pure virtual override returns (string memory) {
        return "2.0.0";
    }

    function borrowFee() public pure virtual override returns (uint256) {
        return 20;
    }

    /// @notice Debts over deposits, in hundredths of a percent.
    function utilisation() external view returns (uint256) {
        return totalDeposits() == 0 ? 0 : (totalDebt() * 10_000) / totalDeposits();
    }
}
