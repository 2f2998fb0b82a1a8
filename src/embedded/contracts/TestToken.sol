// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token worth nothing: the same amount for each holder named at deployment, and never any more.
contract TestToken is ERC20 {
    constructor(string memory name_, string memory symbol_, address[] memory holders, uint256 each) ERC20(name_, symbol_) {
        for (uint256 i = 0; i < holders.length; i++) _mint(holders[i], each);
    }
}
